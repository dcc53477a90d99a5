// Works a backlog off, and tells its parent how much more it held meanwhile than after the first of it, in MiB.
import { openPipe, PipeName } from '../events/contenders.js';
import { endWithParent } from '../process/end.with.parent.js';

/** Until this share is handled a process is still warming up: of a million, the first 50,000. */
const WARM_SHARE = 0.05;
const LOOKS = 200;
const MIB = 1024 ** 2;

endWithParent();
const [url = '', name = '', events = '0'] = process.argv.slice(2);
const count = Number(events);
const every = Math.max(1, Math.floor(count / LOOKS));
const warmAt = Math.ceil(count * WARM_SHARE);
let handled = 0;
let warm = 0;
let most = 0;

const pipe = await openPipe(url, name as PipeName, 'large');
let finish: () => void = () => undefined;
const done = new Promise<void>((resolve) => (finish = resolve));
const stop = await pipe.handle(() => {
  handled++;
  if (handled === warmAt) warm = most = process.memoryUsage.rss();
  else if (handled > warmAt && handled % every === 0) most = Math.max(most, process.memoryUsage.rss());
  if (handled === count) finish();
});
await done;
await stop();
await pipe.close();
process.send?.({ mib: (most - warm) / MIB });
process.disconnect();
