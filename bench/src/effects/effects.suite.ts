import { inParallel } from '../contender.js';
import { orderPaid } from '../events/events.contract.js';
import { measure } from '../measure.js';
import { withBus } from '../open.bus.js';
import { openingsOf, withContenders } from '../process/contender.process.js';
import { Suite } from '../suite.js';
import { WAY_NAMES } from './backlogs.js';

const PROGRAM = new URL('./effects.contender.js', import.meta.url);

const WINDOW = 1024;

/** Stores the orders, from this process: none that is measured has done it. */
const fill = (url: string, count: number): Promise<void> =>
  withBus(url, (bus) => inParallel(WINDOW, count, (n) => bus.publish(orderPaid(n))));

/** What keeping track of what was handled costs, and what handling in batches saves. */
export const effects: Suite = {
  name: 'effects',
  setting:
    'each contender in a process of its own; orders of 1 KiB that are stored already, a handler that does nothing, file storage, one replica',
  count: 10_000,
  run: async ({ url, ...size }) => {
    await fill(url, size.count);
    return withContenders(openingsOf(PROGRAM, url, WAY_NAMES), (contenders) =>
      measure({ suite: 'effects', name: 'a backlog, handled', contenders }, size),
    );
  },
};
