import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { Paid, paidEvent, refundedEvent } from './contracts.fixture.js';

const event = (orderId: string): Paid => ({ orderId, amountCents: 1 });

describe('without decorators', () => {
  let server: NatsServer;
  let context: string;
  let app: TestApp;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    context = freshContext();
    app = await startApp({ url: server.url });
  });
  afterEach(closeApps);
  afterAll(() => server.stop());
  const consumers = async (): Promise<number> =>
    (await app.connection.streams.find(`EVENTS_${context}`))?.state.consumer_count ?? 0;

  describe('subscribe', () => {
    it('stops on unsubscribe and keeps the place; remove forgets it', async () => {
      const OrderPaid = paidEvent(context);
      const seen: string[] = [];
      const listen = () =>
        app.bus.subscribe(OrderPaid, ({ orderId }) => void seen.push(orderId), { group: 'g' });
      const first = await listen();
      await app.bus.publish(OrderPaid, event('a'));
      await until('the first', () => seen.length === 1);
      await first.unsubscribe();
      await app.bus.publish(OrderPaid, event('b'));
      expect(await consumers()).toBe(1);
      const second = await listen();
      await until('what came meanwhile', () => seen.length === 2);
      expect(seen).toEqual(['a', 'b']);
      await second.remove();
      expect(await consumers()).toBe(0);
      await listen();
      await until('everything anew', () => seen.length === 4);
      expect(app.bus.subscriptions()).toHaveLength(1);
    });

    it('can be undone twice, and leaves no consumer of a broadcast behind', async () => {
      const OrderPaid = paidEvent(context);
      const subscription = await app.bus.subscribe(OrderPaid, () => undefined, {
        group: 'b',
        mode: 'broadcast',
      });
      expect(await consumers()).toBe(1);
      await Promise.all([subscription.unsubscribe(), subscription.unsubscribe()]);
      await subscription.remove();
      expect(await consumers()).toBe(0);
    });

    it('refuses options that make no sense', async () => {
      const OrderPaid = paidEvent(context);
      const invalid = { code: 'CONFIG_INVALID' };
      const subscribe = (options: object) =>
        app.bus.subscribe(OrderPaid, () => undefined, { group: 'g', ...options });
      await expect(subscribe({ group: 'has a space' })).rejects.toMatchObject(invalid);
      await expect(subscribe({ concurrency: 0 })).rejects.toMatchObject(invalid);
      await expect(subscribe({ retry: { attempts: 0 } })).rejects.toMatchObject(invalid);
      await expect(subscribe({ from: new Date('never') })).rejects.toMatchObject(invalid);
      await expect(subscribe({ timeout: 'soon' })).rejects.toMatchObject({ code: 'DURATION_INVALID' });
      await expect(app.bus.subscribe('a.b.c', () => undefined, { group: 'g' })).rejects.toMatchObject(
        invalid,
      );
      await expect(app.bus.subscribe([], () => undefined, { group: 'g' })).rejects.toMatchObject(invalid);
      expect(app.bus.subscriptions()).toEqual([]);
    });
  });

  describe('receive', () => {
    it('gives one event at a time to whoever asks, until it is acknowledged', async () => {
      const OrderPaid = paidEvent(context);
      await app.bus.publish(OrderPaid, event('a'));
      await app.bus.publish(OrderPaid, event('b'));
      const options = { group: 'desk', timeout: '2s' } as const;
      const [one, two] = await Promise.all([
        app.bus.receive(OrderPaid, options),
        app.bus.receive(OrderPaid, options),
      ]);
      expect([one!.event.orderId, two!.event.orderId].sort()).toEqual(['a', 'b']);
      expect(one!.event).toBeInstanceOf(OrderPaid);
      await Promise.all([one!.ack(), two!.ack()]);
      expect(await app.bus.receive(OrderPaid, { group: 'desk', timeout: '100ms' })).toBeUndefined();
      const { ack_floor: floor } = await app.connection.jsm.consumers.info(`EVENTS_${context}`, 'desk');
      expect(floor.stream_seq).toBe(2);
    });

    it('waits for an event that comes later', async () => {
      const OrderPaid = paidEvent(context);
      const receiving = app.bus.receive(OrderPaid, { group: 'desk', timeout: '10s' });
      await until('the consumer', async () => (await consumers()) === 1);
      await app.bus.publish(OrderPaid, event('late'));
      expect((await receiving)?.event.orderId).toBe('late');
    });

    it('gives an event again after retry, with its attempt counted', async () => {
      const OrderPaid = paidEvent(context);
      await app.bus.publish(OrderPaid, event('a'));
      const first = await app.bus.receive(OrderPaid, { group: 'desk' });
      first!.retry('200ms');
      expect(await app.bus.receive(OrderPaid, { group: 'desk', timeout: '50ms' })).toBeUndefined();
      const second = await app.bus.receive(OrderPaid, { group: 'desk' });
      expect([first!.message.attempt, second!.message.attempt]).toEqual([1, 2]);
      await second!.ack();
      await expect(second!.ack()).rejects.toMatchObject({ code: 'ALREADY_SETTLED' });
      expect(() => second!.retry()).toThrow('settled already');
    });

    it('gives an event again when its receiver is silent past its ackWait', async () => {
      const OrderPaid = paidEvent(context);
      await app.bus.publish(OrderPaid, event('a'));
      const options = { group: 'desk', ackWait: '300ms', timeout: '5s' } as const;
      const first = await app.bus.receive(OrderPaid, options);
      const second = await app.bus.receive(OrderPaid, options);
      expect(second!.message.sequence).toBe(first!.message.sequence);
      expect(second!.message.attempt).toBe(2);
      await second!.ack();
    });

    it('moves an event to the dead letters by word, and an invalid one by itself', async () => {
      const OrderPaid = paidEvent(context);
      await app.connection.jsm.streams.info('DEAD_LETTERS').catch(() => undefined);
      await app.bus.publish(OrderPaid, event('bad customer'));
      const received = await app.bus.receive(OrderPaid, { group: 'desk' });
      await app.connection.js.publish(`events.${context}.paid.k`, 'nonsense');
      await app.bus.publish(OrderPaid, event('good'));
      await received!.deadLetter('no such customer');
      const next = await app.bus.receive(OrderPaid, { group: 'desk' });
      expect(next!.event.orderId).toBe('good');
      const causes: string[] = [];
      for await (const { cause } of app.deadLetters.list({ context }))
        causes.push(`${cause.code} ${cause.message}`);
      expect(causes).toHaveLength(2);
      expect(causes[0]).toContain('PERMANENT no such customer');
      expect(causes[1]).toContain('EVENT_UNREADABLE');
    });

    it('takes one context at a time', async () => {
      const other = refundedEvent(freshContext());
      await expect(app.bus.receive([paidEvent(context), other], { group: 'desk' })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    });
  });
});
