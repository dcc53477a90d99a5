import { measure, measureLatency } from '../measure.js';
import { openingsOf, withContenders } from '../process/contender.process.js';
import { Suite } from '../suite.js';
import { CALLERS, TTL } from './names.js';

const PROGRAM = new URL('./locks.contender.js', import.meta.url);

/** A hand-over is many round trips: fewer tell as much. */
const HAND_OVERS = 0.1;

/** Locks beside the two writes under them, and how fast a waiter follows. */
export const locks: Suite = {
  name: 'locks',
  setting: `each contender in a process of its own, ${CALLERS} callers, 1000 names, ttl ${TTL}, file storage, one replica`,
  count: 4_000,
  run: async ({ url, rounds, count }) => {
    const openings = (...names: readonly string[]) => openingsOf(PROGRAM, url, names);
    return [
      ...(await withContenders(openings('raw', 'millrace'), (contenders) =>
        measure({ suite: 'locks', name: 'acquire + release', contenders }, { rounds, count }),
      )),
      ...(await withContenders(openings('hand-overs'), (contenders) =>
        measureLatency(
          { suite: 'locks', name: 'release to next acquisition', contenders },
          { rounds, count: Math.ceil(count * HAND_OVERS) },
        ),
      )),
    ];
  },
};
