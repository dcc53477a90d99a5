import { type DynamicModule, Module } from '@nestjs/common';
import { OrderCreated, OrderLine } from '@millrace/contracts';
import { EventBus, type EventMessage, EventsModule, type Middleware } from '@millrace/events';
import { startNatsServer } from '@millrace/nats-server';
import { startApp, storedEvents, testConfig, until } from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { UserConfig } from '../user.config.js';
import { type Listed, listed, startUserApp, tick, type UserApp } from '../user.fixture.js';

const AT = '2026-01-02T03:04:05.000Z';
const order = (orderId: string, userId: string): OrderCreated =>
  new OrderCreated({
    orderId,
    userId,
    lines: [new OrderLine({ sku: 'A', quantity: 1, unitPriceCents: 999 })],
    totalCents: 999,
    currency: 'EUR',
    createdAt: AT,
  });

let user: UserApp;
beforeAll(async () => void (user = await startUserApp()), 60_000);
afterAll(() => user?.stop());

describe('notifications', () => {
  it('tell a user of what happened, newest first', async () => {
    const { app, notificationsOf } = user;
    await user.register('reader');
    await until('the welcome is there', async () => (await notificationsOf('reader')).length === 1);
    await app.get(EventBus).publish(order('o-1', 'reader'));
    await until('the order is there', async () => (await notificationsOf('reader')).length === 2);
    await app.request('DELETE', '/users/reader');
    const all = await until('the goodbye is there', async () => {
      const found = await notificationsOf('reader');
      return found.length === 3 && found;
    });
    expect(all.map(({ type }) => type)).toEqual(['user.unregistered', 'order.created', 'user.registered']);
  });

  it('answer 404 for somebody who never was here', async () => {
    expect(await user.app.request('GET', '/users/nobody/notifications')).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
  });

  it('lose none of many that come at once', async () => {
    await user.register('busy');
    const bus = user.app.get(EventBus);
    await Promise.all(Array.from({ length: 60 }, (_, at) => bus.publish(order(`busy-${at}`, 'busy'))));
    await until('all are there', async () => (await user.notificationsOf('busy')).length === 61);
  });
});

describe('an event that is delivered again', () => {
  // As though every acknowledgement of a first delivery were lost.
  const handledTwice = new Set<string>();
  const losingAcks: Middleware<EventMessage> = (next) => async (message) => {
    const outcome = await next(message);
    if (outcome.kind !== 'ack') return outcome;
    if (message.attempt === 1)
      return { kind: 'retry', delayMs: 0, cause: new Error('the acknowledgement was lost') };
    handledTwice.add(message.idempotencyKey);
    return outcome;
  };

  @Module({})
  class LosingAcksModule {
    static forRoot(config: UserConfig): DynamicModule {
      const plugin = EventsModule.forFeature({ middleware: [losingAcks] });
      return { module: LosingAcksModule, imports: [AppModule.forRoot(config), plugin] };
    }
  }

  it('registers no second user and makes no second notification', async () => {
    const own = await startNatsServer();
    const again = await startApp(LosingAcksModule, testConfig(UserConfig, own));
    try {
      const bus = again.get(EventBus);
      for (const at of [1, 2, 3])
        await bus.publish(tick(`2026-01-01T00:00:0${at}.000Z`), { messageId: `timer@${at}` });
      // Three ticks, three welcomes.
      await until('all were handled twice', () => handledTwice.size === 6);
      const { items } = listed(await again.request('GET', '/users'));
      expect(items).toHaveLength(3);
      for (const { id } of items) {
        const { body } = await again.request('GET', `/users/${id}/notifications`);
        expect((body as Listed).items).toHaveLength(1);
      }
      expect(await storedEvents(again.connection, 'user')).toHaveLength(3);
    } finally {
      await again.stop();
      await own.stop();
    }
  }, 60_000);
});
