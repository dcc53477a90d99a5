import { openPipe, PipeName } from '../events/contenders.js';
import { probe } from '../process/probe.js';
import { rowsOf } from '../row.js';
import { Suite } from '../suite.js';

const PIPES: readonly PipeName[] = ['millrace', 'limit'];

/** Stores the events for another process to handle. */
const publish = async (url: string, name: PipeName, count: number): Promise<string> => {
  const pipe = await openPipe(url, name, 'large');
  try {
    await pipe.publish(0, count);
    return pipe.name;
  } finally {
    await pipe.close();
  }
};

/** Whether a backlog of any size is worked off in the same memory. One round: a process grows only once. */
export const memory: Suite = {
  name: 'memory',
  setting:
    'a backlog of events of 1 KiB that another process published, each contender in a process that only handles, one round, file storage, one replica; --count 1000000 for the target',
  count: 200_000,
  run: async ({ url, count }) => {
    const growth = new Map<string, number[]>();
    for (const pipe of PIPES) {
      const name = await publish(url, pipe, count);
      const { mib } = await probe<{ mib: number }>('memory/backlog', url, pipe, String(count));
      growth.set(name, [mib]);
    }
    const subject = { suite: 'memory', case: 'growth of the resident set', unit: 'MiB' } as const;
    return rowsOf({ ...subject, reference: [...growth.keys()].at(-1) ?? '' }, growth);
  },
};
