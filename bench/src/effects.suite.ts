import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule, Subscription } from '@millrace/events';
import { Contender, inParallel } from './contender.js';
import { OrderPaid, orderPaid } from './events/events.contract.js';
import { measure } from './measure.js';
import { Suite } from './suite.js';

const WINDOW = 1024;
const BATCH = 500;

/** Subscribes as `group`, calling `onHandled` with how many events were handled. */
type Subscribing = (group: string, onHandled: (events: number) => void) => Promise<Subscription>;

let groups = 0;

/** A new group that handles everything that is stored. */
const backlog = (name: string, subscribe: Subscribing): Contender => ({
  name,
  run: async (count) => {
    let left = count;
    let finish: () => void = () => undefined;
    const handled = new Promise<void>((resolve) => (finish = resolve));
    const subscription = await subscribe(`effects-${++groups}`, (events) => {
      left -= events;
      if (left <= 0) finish();
    });
    await handled;
    await subscription.remove();
  },
  close: () => Promise.resolve(),
});

/** What keeping track of what was handled costs, and what handling in batches saves. */
export const effects: Suite = {
  name: 'effects',
  setting:
    'orders of about 450 bytes that are stored already, a handler that does nothing, file storage, one replica',
  count: 10_000,
  run: async ({ url, ...size }) => {
    @Module({ imports: [NatsModule.forRoot({ name: 'bench', servers: url }), EventsModule.forRoot()] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
    const bus = app.get(EventBus);
    try {
      await inParallel(WINDOW, size.count, (n) => bus.publish(orderPaid(n)));
      const contenders = [
        backlog('@Subscribe', (group, on) => bus.subscribe(OrderPaid, () => on(1), { group })),
        backlog('@Subscribe, idempotent', (group, on) =>
          bus.subscribe(OrderPaid, () => on(1), { group, idempotent: true }),
        ),
        backlog('@Subscribe, idempotent, 256 at once', (group, on) =>
          bus.subscribe(OrderPaid, () => on(1), { group, idempotent: true, concurrency: 256 }),
        ),
        backlog(`@SubscribeBatch of ${BATCH}`, (group, on) =>
          bus.subscribeBatch(OrderPaid, ({ length }) => on(length), { group, max: BATCH, within: '50ms' }),
        ),
      ];
      return await measure({ suite: 'effects', name: 'a backlog, handled', contenders }, size);
    } finally {
      await app.close();
    }
  },
};
