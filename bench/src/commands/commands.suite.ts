import { measure, measureLatency } from '../measure.js';
import { openingsOf, withContenders } from '../process/contender.process.js';
import { Suite } from '../suite.js';
import { DISPATCHERS } from './tasks.js';

const PROGRAM = new URL('./commands.contender.js', import.meta.url);

/** A latency needs fewer samples than a rate, and a task is several writes. */
const SAMPLES = 0.2;
const TASKS = 0.1;

/** Request-reply beside the plain client and Nest's own transport; tasks beside a work queue written by hand. */
export const commands: Suite = {
  name: 'commands',
  setting: `64 callers (latency: 4), each contender in a process of its own and each responder in another; tasks: ${DISPATCHERS} at once, file storage`,
  count: 20_000,
  run: async ({ url, rounds, count }) => {
    const openings = (...names: readonly string[]) => openingsOf(PROGRAM, url, names);
    const samples = Math.ceil(count * SAMPLES);
    const requests = await withContenders(
      openings('raw requests', 'nest requests', 'millrace requests'),
      async (contenders) => [
        ...(await measure({ suite: 'commands', name: 'request-reply', contenders }, { rounds, count })),
        ...(await measureLatency(
          { suite: 'commands', name: 'request-reply', contenders },
          { rounds, count: samples },
        )),
      ],
    );
    const tasks = await withContenders(openings('hand-written tasks', 'millrace tasks'), (contenders) =>
      measure(
        { suite: 'commands', name: 'durable tasks', contenders },
        { rounds, count: Math.ceil(count * TASKS) },
      ),
    );
    return [...requests, ...tasks];
  },
};
