import { Contender, withAll } from '../contender.js';
import { measure, measureLatency, Size } from '../measure.js';
import { Row } from '../row.js';
import { Suite } from '../suite.js';
import { handleOnly, latency, publishAndHandle, publishOnly } from './cases.js';
import { limit, limitWithHeaders } from './limit.pipe.js';
import { millrace, unchecked } from './millrace.pipe.js';
import { nest } from './nest.pipe.js';
import { OpenPipe } from './pipe.js';
import { plain } from './plain.pipe.js';
import { purgeStreams } from './raw.stream.js';
import { LARGE, SMALL, UNCHECKED, Workload } from './workload.js';

type Opening = readonly [open: OpenPipe, workload: Workload];
type ToContender = (open: OpenPipe, workload: Workload) => (url: string) => Promise<Contender>;

/** A backlog is worked off quickly: more of it tells more. */
const BACKLOG = 10;
const LATENCY_SHARE = 0.1;

const durable = (workload: Workload): Opening[] =>
  [limit, limitWithHeaders, plain, millrace].map((open) => [open, workload]);

/** Events from publisher to handler, both in one process. */
export const events: Suite = {
  name: 'events',
  setting: '1024 in flight (js.publish: 256), keys of their own, file storage, one replica',
  count: 20_000,
  run: async ({ url, ...size }) => {
    const rows: Row[] = [];
    const compare = async (
      name: string,
      toContender: ToContender,
      { openings, count = size.count }: { openings: Opening[]; count?: number },
    ): Promise<void> => {
      await purgeStreams(url);
      const open = openings.map(([pipe, workload]) => toContender(pipe, workload));
      rows.push(
        ...(await withAll(url, open, (contenders) =>
          measure({ suite: 'events', name, contenders }, { ...size, count }),
        )),
      );
    };
    await compare('publish + handle, 128 B', publishAndHandle, {
      openings: [...durable(SMALL), [nest, SMALL]],
    });
    await compare('publish + handle, 1 KiB', publishAndHandle, {
      openings: [...durable(LARGE), [unchecked, UNCHECKED], [nest, LARGE]],
    });
    await compare('publish only, 128 B', publishOnly, { openings: durable(SMALL) });
    await compare('publish only, 1 KiB', publishOnly, { openings: durable(LARGE) });
    await compare('handle only, a backlog of 128 B', handleOnly, {
      openings: durable(SMALL),
      count: size.count * BACKLOG,
    });
    return [...rows, ...(await latencies(url, size))];
  },
};

const latencies = async (url: string, { rounds, count }: Size): Promise<Row[]> => {
  await purgeStreams(url);
  const open = [limit, plain, millrace].map((pipe) => latency(pipe, SMALL));
  const size = { rounds, count: Math.ceil(count * LATENCY_SHARE) };
  return withAll(url, open, (contenders) =>
    measureLatency({ suite: 'events', name: 'publish to handle at 1,000/s, 128 B', contenders }, size),
  );
};
