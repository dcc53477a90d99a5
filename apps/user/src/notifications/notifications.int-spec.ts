import { type DynamicModule, Module } from '@nestjs/common';
import { type EventBus, type EventMessage, EventsModule, type Middleware } from '@millrace/events';
import { startNatsServer } from '@millrace/nats-server';
import { startApp, startOutside, storedEvents, testConfig, until } from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { UserConfig } from '../user.config.js';
import { ada, type Listed, listed, startUserApp, tick, type UserApp } from '../user.fixture.js';
import { order, paid } from './notifications.fixture.js';

let user: UserApp;
let bus: EventBus;
beforeAll(async () => {
  user = await startUserApp();
  bus = user.outside.events;
}, 60_000);
afterAll(() => user?.stop());

const typesOf = async (id: string) => (await user.notificationsOf(id)).map(({ type }) => type);
const unread = async (id: string): Promise<unknown> =>
  ((await user.app.request('GET', `/users/${id}/notifications`)).body as { unread: unknown }).unread;

describe('notifications', () => {
  it('tell a user of what happened, newest first', async () => {
    await user.register('reader');
    await until('the welcome is there', async () => (await typesOf('reader')).length === 1);
    await bus.publish(order('o-1', 'reader'));
    await until('the order is there', async () => (await typesOf('reader')).length === 2);
    await bus.publish(paid('o-1', 'reader'));
    await until('the payment is there', async () => (await typesOf('reader')).length === 3);
    await user.app.request('PATCH', '/users/reader', { name: 'Ada King' });
    const all = await until('the change is there', async () => {
      const found = await user.notificationsOf('reader');
      return found.length === 4 && found;
    });
    expect(all.map(({ type, text }) => `${type}: ${text}`)).toEqual([
      'user.updated: Your name was changed',
      'order.paid: 9.99 EUR were paid for your order o-1',
      'order.created: Your order o-1 over 9.99 EUR was received',
      'user.registered: Welcome, Ada Lovelace',
    ]);
  });

  it('answer 404 for somebody who is not here', async () => {
    for (const [method, path] of [
      ['GET', '/users/nobody/notifications'],
      ['GET', '/users/nobody/notifications/stream'],
      ['POST', '/users/nobody/notifications/read'],
      ['POST', '/users/nobody/notifications/1/read'],
      ['GET', '/users/nobody/notification-preferences'],
    ] as const) {
      expect(await user.app.request(method, path)).toMatchObject({
        status: 404,
        body: { code: 'USER_UNKNOWN' },
      });
    }
  });

  it('lose none of many that come at once', async () => {
    await user.register('busy');
    await Promise.all(Array.from({ length: 60 }, (_, at) => bus.publish(order(`busy-${at}`, 'busy'))));
    await until('all are there', async () => (await user.notificationsOf('busy')).length === 61);
    expect(await unread('busy')).toBe(61);
  });

  it('are unread until they are marked, one or all', async () => {
    await user.register('marker');
    await Promise.all([1, 2, 3].map((at) => bus.publish(order(`marker-${at}`, 'marker'))));
    const all = await until('all are there', async () => {
      const found = await user.notificationsOf('marker');
      return found.length === 4 && found;
    });
    const path = '/users/marker/notifications';
    for (let time = 0; time < 2; time++) {
      expect((await user.app.request('POST', `${path}/${all[1]?.id}/read`)).status).toBe(204);
      expect(await unread('marker')).toBe(3);
    }
    const [, read, other] = await user.notificationsOf('marker');
    expect(read).toMatchObject({ readAt: expect.any(String) });
    expect(other).not.toHaveProperty('readAt');
    expect(await user.app.request('POST', `${path}/none/read`)).toMatchObject({
      status: 404,
      body: { code: 'NOTIFICATION_UNKNOWN' },
    });
    expect(await user.app.request('POST', `${path}/read`)).toMatchObject({ status: 200, body: { read: 3 } });
    expect(await user.app.request('POST', `${path}/read`)).toMatchObject({ body: { read: 0 } });
    expect(await unread('marker')).toBe(0);
  });
});

describe('who unregisters', () => {
  it('is forgotten with its inbox, and is told nothing that comes later', async () => {
    await user.register('leaver');
    await until('the welcome is there', async () => (await typesOf('leaver')).length === 1);
    const inbox = async () =>
      user.app.connection.jsm.streams.getMessage('KV_user-notifications', {
        last_by_subj: '$KV.user-notifications.leaver',
      });
    expect((await inbox())?.string()).toContain('Welcome');
    await user.app.request('DELETE', '/users/leaver');
    await until('the inbox is gone', async () => (await inbox())?.string() === '');
    await bus.publish(order('late', 'leaver'));
    // The same group takes it, and after it this one.
    await user.register('after-leaver');
    await until('what came later is told', async () => (await typesOf('after-leaver')).length === 1);
    expect((await inbox())?.string()).toBe('');
  });

  it('leaves nothing to the next one with the same id', async () => {
    await user.register('heir');
    await bus.publish(order('first', 'heir'));
    await until('all is there', async () => (await typesOf('heir')).length === 2);
    const mine = { channels: [{ channel: 'console' }], types: ['order.paid'] };
    expect(await user.app.request('PUT', '/users/heir/notification-preferences', mine)).toMatchObject({
      status: 200,
    });
    await user.app.request('DELETE', '/users/heir');
    await user.register('heir');
    expect((await user.app.request('GET', '/users/heir/notification-preferences')).body).toEqual({
      channels: [],
    });
    await until('the welcome is there', async () => (await typesOf('heir')).includes('user.registered'));
    expect(await typesOf('heir')).toEqual(['user.registered']);
  });
});

describe('what is left of somebody with the same id', () => {
  it('is not shown, not followed, and not used', async () => {
    const { js } = user.app.connection;
    const registeredAt = '2020-01-02T03:04:05.000Z';
    const items = [{ id: 'old', type: 'order.paid', at: registeredAt, text: 'None of your business' }];
    await js.publish('$KV.user-notifications.same', JSON.stringify({ registeredAt, items }));
    const channels = [{ channel: 'console', settings: {} }];
    await js.publish(
      '$KV.user-notification-preferences.same',
      JSON.stringify({ registeredAt, types: [], channels }),
    );
    await user.register('same');
    expect(await typesOf('same')).not.toContain('order.paid');
    await until('the welcome is there', async () => (await typesOf('same')).length === 1);
    expect(await typesOf('same')).toEqual(['user.registered']);
    expect((await user.app.request('GET', '/users/same/notification-preferences')).body).toEqual({
      channels: [],
    });
    expect(await storedEvents(user.app.connection, 'notification')).not.toContainEqual(
      expect.objectContaining({ body: expect.objectContaining({ userId: 'same' }) as object }),
    );
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

  it('registers no second user, makes no second notification, and asks for no second delivery', async () => {
    const own = await startNatsServer();
    const again = await startApp(LosingAcksModule, testConfig(UserConfig, own));
    const outside = await startOutside(own);
    try {
      for (const at of [1, 2, 3])
        await outside.events.publish(tick(`2026-01-01T00:00:0${at}.000Z`), { messageId: `timer@${at}` });
      // Three ticks, three welcomes.
      await until('all were handled twice', () => handledTwice.size === 6);
      const { items } = listed(await again.request('GET', '/users'));
      expect(items).toHaveLength(3);
      for (const { id } of items) {
        const { body } = await again.request('GET', `/users/${id}/notifications`);
        expect((body as Listed).items).toHaveLength(1);
      }
      expect(await storedEvents(again.connection, 'user')).toHaveLength(3);

      await again.request('POST', '/users', ada('due'));
      const channels = [{ channel: 'console' }];
      await again.request('PUT', '/users/due/notification-preferences', { channels });
      await outside.events.publish(order('o-1', 'due'));
      await again.request('DELETE', '/users/due');
      await until('the goodbye was delivered twice', async () => {
        const due = await storedEvents(again.connection, 'notification');
        return due.length >= 2 && handledTwice.size >= 6 + 3 + 2 * 2;
      });
      const due = await storedEvents(again.connection, 'notification');
      expect(due.map(({ body }) => String(body['type'])).sort()).toEqual([
        'order.created',
        'user.unregistered',
      ]);
    } finally {
      await outside.stop();
      await again.stop();
      await own.stop();
    }
  }, 60_000);
});
