import { limit } from './events/limit.pipe.js';
import { millrace } from './events/millrace.pipe.js';
import { OpenPipe } from './events/pipe.js';
import { LARGE } from './events/workload.js';
import { rowsOf } from './row.js';
import { Suite } from './suite.js';

/** Until this share is handled a process is still warming up: of a million, the first 50,000. */
const WARM_SHARE = 0.05;
const LOOKS = 200;
const MIB = 1024 ** 2;

/** How much more the process holds while it works a backlog off than it held after the first of it, in MiB. */
const growthOf = async (open: OpenPipe, url: string, count: number): Promise<[name: string, mib: number]> => {
  const pipe = await open(url, LARGE);
  const every = Math.max(1, Math.floor(count / LOOKS));
  const warmAt = Math.ceil(count * WARM_SHARE);
  await pipe.publish(0, count);
  let handled = 0;
  let warm = 0;
  let most = 0;
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
  return [pipe.name, (most - warm) / MIB];
};

/** Whether a backlog of any size is worked off in the same memory. One round: the process grows only once. */
export const memory: Suite = {
  name: 'memory',
  setting:
    'a backlog of events of 1 KiB that the same process published, one round, file storage, one replica; --count 1000000 for the target',
  count: 200_000,
  run: async ({ url, count }) => {
    const growth = new Map<string, number[]>();
    for (const open of [millrace, limit]) {
      const [name, mib] = await growthOf(open, url, count);
      growth.set(name, [mib]);
    }
    const subject = { suite: 'memory', case: 'growth of the resident set', unit: 'MiB' } as const;
    return rowsOf({ ...subject, reference: [...growth.keys()].at(-1) ?? '' }, growth);
  },
};
