import { EventBus, Subscription } from '@millrace/events';
import { Contender } from '../contender.js';
import { OrderPaid } from '../events/events.contract.js';
import { openBus } from '../open.bus.js';

const BATCH = 500;

interface Way {
  readonly name: string;
  /** Subscribes as `group`, calling `on` with how many events were handled. */
  subscribe(bus: EventBus, group: string, on: (events: number) => void): Promise<Subscription>;
}

const WAYS = {
  plain: {
    name: '@Subscribe',
    subscribe: (bus, group, on) => bus.subscribe(OrderPaid, () => on(1), { group }),
  },
  idempotent: {
    name: '@Subscribe, idempotent',
    subscribe: (bus, group, on) => bus.subscribe(OrderPaid, () => on(1), { group, idempotent: true }),
  },
  'idempotent, more at once': {
    name: '@Subscribe, idempotent, 256 at once',
    subscribe: (bus, group, on) =>
      bus.subscribe(OrderPaid, () => on(1), { group, idempotent: true, concurrency: 256 }),
  },
  batch: {
    name: `@SubscribeBatch of ${BATCH}`,
    subscribe: (bus, group, on) =>
      bus.subscribeBatch(OrderPaid, ({ length }) => on(length), { group, max: BATCH, within: '50ms' }),
  },
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof WAYS;
export const WAY_NAMES = Object.keys(WAYS) as readonly WayName[];

/** New groups that handle everything that is stored, each in one of the ways. */
export const openBacklog = async (url: string, way: WayName): Promise<Contender> => {
  const { name, ...kind }: Way = WAYS[way];
  const { bus, close } = await openBus(url);
  let round = 0;
  return {
    name,
    run: async (count) => {
      let left = count;
      let finish: () => void = () => undefined;
      const handled = new Promise<void>((resolve) => (finish = resolve));
      const group = `effects-${process.pid}-${++round}`;
      const subscription = await kind.subscribe(bus, group, (events) => {
        left -= events;
        if (left <= 0) finish();
      });
      await handled;
      await subscription.remove();
    },
    close,
  };
};
