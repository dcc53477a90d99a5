import { millraceRequests, nestRequests, rawRequests } from './commands.contenders.js';
import { withAll } from './contender.js';
import { measure, measureLatency } from './measure.js';
import { Suite } from './suite.js';
import { dispatched, handWritten } from './tasks.contenders.js';

/** A latency needs fewer samples than a rate, and a task is several writes. */
const SAMPLES = 0.2;
const TASKS = 0.1;

/** Request-reply beside the plain client and Nest's own transport; tasks beside a work queue written by hand. */
export const commands: Suite = {
  name: 'commands',
  setting: '64 callers (latency: 4), each responder a process of its own; tasks: 128 at once, file storage',
  count: 20_000,
  run: async ({ url, rounds, count }) => {
    const samples = Math.ceil(count * SAMPLES);
    const requests = await withAll(url, [rawRequests, nestRequests, millraceRequests], async (contenders) => [
      ...(await measure({ suite: 'commands', name: 'request-reply', contenders }, { rounds, count })),
      ...(await measureLatency(
        { suite: 'commands', name: 'request-reply', contenders },
        { rounds, count: samples },
      )),
    ]);
    const tasks = await withAll(url, [handWritten, dispatched], (contenders) =>
      measure(
        { suite: 'commands', name: 'durable tasks', contenders },
        { rounds, count: Math.ceil(count * TASKS) },
      ),
    );
    return [...requests, ...tasks];
  },
};
