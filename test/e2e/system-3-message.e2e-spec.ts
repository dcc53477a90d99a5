import { randomUUID } from 'node:crypto';
import { IsInt } from 'class-validator';
import { Event, EventBus } from '@millrace/events';
import { LockService } from '@millrace/locks';
import { AppProcess } from '../support/app.process.js';
import { EventStream } from '../support/event.stream.js';
import { eventually } from '../support/eventually.js';
import { HookReceiver } from '../support/hook.receiver.js';
import { OutsideApp, startOutsideApp } from '../support/outside.app.js';
import { notificationsOf, plainOrder, registerUser, System } from '../support/system.js';

@Event('letter.sent')
class LetterSent {
  @IsInt() number!: number;
}

const letter = (number: number): LetterSent => Object.assign(new LetterSent(), { number });
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const ascending = (a: number, b: number): number => a - b;

/**
 * An event-driven message service: publishers and subscribers, point-to-point send and receive, a notification centre,
 * and a distributed lock built on the same service.
 */
describe('system 3: the message service', () => {
  let system: System;
  let user: AppProcess;
  let outside: OutsideApp;
  let bus: EventBus;
  let hooks: HookReceiver;

  const startUser = (): Promise<AppProcess> =>
    system.startApp('user', { WEBHOOK_HOSTS: hooks.host, LOCK_WAIT: '18s' });

  beforeAll(async () => {
    hooks = await HookReceiver.start();
    system = await System.start();
    outside = await startOutsideApp({ servers: system.server.url });
    bus = outside.get(EventBus);
    user = await startUser();
  }, 60_000);
  afterAll(async () => {
    await outside?.close();
    await system?.stop();
    hooks?.stop();
  });

  describe('publishers and subscribers', () => {
    it('every subscriber gets every event, and the replicas of one share them', async () => {
      const got: Record<string, number[]> = { archive: [], 'desk-1': [], 'desk-2': [] };
      const take =
        (who: string) =>
        ({ number }: LetterSent): void =>
          void got[who]?.push(number);
      const other = await startOutsideApp({ servers: system.server.url });
      try {
        await bus.subscribe(LetterSent, take('archive'), { group: 'archive' });
        await bus.subscribe(LetterSent, take('desk-1'), { group: 'desk' });
        await other.get(EventBus).subscribe(LetterSent, take('desk-2'), { group: 'desk' });
        for (const number of numbers(100)) await bus.publish(letter(number));
        await eventually(() => {
          expect(got['archive']?.toSorted(ascending)).toEqual(numbers(100));
          const shared = [...(got['desk-1'] ?? []), ...(got['desk-2'] ?? [])];
          expect(shared.sort(ascending)).toEqual(numbers(100));
        });
        for (const desk of ['desk-1', 'desk-2']) expect(got[desk]?.length).toBeGreaterThan(0);
      } finally {
        await other.close();
      }
    });

    it('a client that knows nothing of Millrace publishes, and reads what was published', async () => {
      const late: number[] = [];
      await system.client.publish('events.letter.sent._', { number: 1000 });
      // A subscriber that comes later gets what was there before it.
      await bus.subscribe(LetterSent, ({ number }) => void late.push(number), { group: 'late' });
      await eventually(() => expect(late.length).toBeGreaterThanOrEqual(101));
      expect(late).toContain(1000);
      const stored = await system.client.read('EVENTS_letter', 'events.letter.sent.*');
      expect(stored.at(-1)?.text).toBe('{"number":1000}');
    });

    it('whoever unsubscribes gets no more, and goes on where it was when it comes back', async () => {
      const got: number[] = [];
      const take = ({ number }: LetterSent): void => void got.push(number);
      const options = { group: 'part-time', from: 'new' } as const;
      const subscription = await bus.subscribe(LetterSent, take, options);
      await bus.publish(letter(1));
      await eventually(() => expect(got).toEqual([1]));
      await subscription.unsubscribe();
      await bus.publish(letter(2));
      await bus.publish(letter(3));
      expect(got).toEqual([1]);
      await bus.subscribe(LetterSent, take, options);
      await eventually(() => expect(got.toSorted(ascending)).toEqual([1, 2, 3]));
    });
  });

  describe('point-to-point', () => {
    it('what is sent is received by one of those who ask for it', async () => {
      const group = 'counter';
      await (await bus.receive(LetterSent, { group, from: 'new', timeout: '1s' }))?.ack();
      for (const number of numbers(30)) await bus.publish(letter(number));
      const received: number[] = [];
      const receive = async (): Promise<void> => {
        for (;;) {
          const message = await bus.receive(LetterSent, { group, from: 'new', timeout: '1s' });
          if (!message) return;
          received.push(message.event.number);
          await message.ack();
        }
      };
      await Promise.all([receive(), receive(), receive()]);
      expect(received.sort(ascending)).toEqual(numbers(30));
    }, 60_000);

    it('what one gives back goes to the next', async () => {
      const group = 'returns';
      await (await bus.receive(LetterSent, { group, from: 'new', timeout: '1s' }))?.ack();
      await bus.publish(letter(7));
      const first = await bus.receive(LetterSent, { group, from: 'new', timeout: '10s' });
      expect(first?.event).toMatchObject({ number: 7 });
      first?.retry();
      const second = await bus.receive(LetterSent, { group, from: 'new', timeout: '10s' });
      expect(second?.event).toMatchObject({ number: 7 });
      await second?.ack();
    });
  });

  describe('the notification centre', () => {
    const publishOrder = async (userId: string): Promise<string> => {
      const order = plainOrder(userId, randomUUID());
      await system.client.publish(`events.order.created.${order.orderId}`, order);
      return order.orderId;
    };

    it('keeps what a user is told, and counts what is unread', async () => {
      const userId = await registerUser(user);
      const orderId = await publishOrder(userId);
      await eventually(async () => expect(await notificationsOf(user, userId)).toHaveLength(2));
      const [newest] = await notificationsOf(user, userId);
      expect(newest).toMatchObject({ type: 'order.created', text: expect.stringContaining(orderId) });
      const path = `/users/${userId}/notifications`;
      expect((await user.get(path)).body).toMatchObject({ unread: 2 });
      expect((await user.post(`${path}/${newest?.id}/read`, {})).status).toBe(204);
      expect((await user.get(path)).body).toMatchObject({ unread: 1 });
      expect((await user.post(`${path}/read`, {})).body).toEqual({ read: 1 });
    });

    it('tells who listens at once, and posts it where the user wants it', async () => {
      const userId = await registerUser(user);
      const settings = { url: `http://${hooks.host}/hook` };
      const preferences = { types: ['order.created'], channels: [{ channel: 'webhook', settings }] };
      const chosen = await user.request('PUT', `/users/${userId}/notification-preferences`, preferences);
      expect(chosen).toMatchObject({ status: 200 });
      const stream = await EventStream.open(`${user.url}/users/${userId}/notifications/stream`);
      const orderId = await publishOrder(userId);
      await eventually(() => expect(stream.text).toContain(`Your order ${orderId}`));
      expect(stream.text).toContain('event: order.created');
      await eventually(() => expect(hooks.texts).toContainEqual(expect.stringContaining(orderId)));
      stream.leave();
    });

    it('loses and repeats nothing when its process is killed in the middle', async () => {
      const userId = await registerUser(user);
      const orders = numbers(60).map(() => plainOrder(userId, randomUUID()));
      await Promise.all(
        orders.map((order) => system.client.publish(`events.order.created.${order.orderId}`, order)),
      );
      await user.end('SIGKILL');
      user = await startUser();
      await eventually(async () => {
        const texts = (await notificationsOf(user, userId)).map(({ text }) => text);
        expect(texts.filter((text) => text.startsWith('Your order'))).toHaveLength(60);
      }, 60_000);
      const texts = (await notificationsOf(user, userId)).map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
    }, 120_000);
  });

  describe('the distributed lock on the same service', () => {
    it('is held by one application at a time, and tells of it in events', async () => {
      const locks = outside.get(LockService);
      const lock = await locks.acquire('user-storage:shared');
      const waiting = user.request('PUT', '/storage/shared', { value: 'mine' });
      await eventually(async () => {
        const [state] = (await locks.inspect()).filter(({ name }) => name === 'user-storage:shared');
        expect(state?.waiters).toHaveLength(1);
      });
      expect((await user.get('/health/live')).status).toBe(200);
      await lock.release();
      expect(await waiting).toMatchObject({ status: 200 });
      await eventually(async () => {
        const events = await system.client.read('EVENTS_lock', 'events.lock.>');
        const ours = events.filter(({ text }) => text.includes('"user-storage:shared"'));
        // Each application tells of its own: which of two comes first in the stream is open.
        expect(ours.map(({ headers }) => `${headers['ce-source']} ${headers['ce-type']}`).sort()).toEqual([
          'outside lock.acquired',
          'outside lock.released',
          'user lock.acquired',
          'user lock.released',
        ]);
      });
    });

    it('is passed on in the order of asking, and nobody has it together with another', async () => {
      const locks = outside.get(LockService);
      let inside = 0;
      const tokens: number[] = [];
      await Promise.all(
        numbers(20).map(() =>
          locks.withLock('one-at-a-time', {}, async ({ token }) => {
            expect(++inside).toBe(1);
            tokens.push(token);
            await system.client.publish('events.letter.sent._', { number: tokens.length });
            inside--;
          }),
        ),
      );
      expect(tokens).toEqual(tokens.toSorted(ascending));
      expect(new Set(tokens).size).toBe(20);
    });
  });
});
