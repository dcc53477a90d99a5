import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { countedEvent, paidEvent, refundedEvent } from './contracts.fixture.js';
import { closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { ReadOptions, StoredEvent } from './index.js';

/** More than two pages. */
const MANY = 600;

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(closeApps);
afterAll(() => server.stop());

const all = async <T>(events: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
};

const subscriptions = async (): Promise<number> => {
  const answer = await fetch(`${server.monitoringUrl}/subsz`);
  return ((await answer.json()) as { num_subscriptions: number }).num_subscriptions;
};

const publishMany = async ({ bus }: TestApp, context: string, count: number): Promise<void> => {
  const Counted = countedEvent(context);
  await bus.publishAll(Array.from({ length: count }, (_, n) => new Counted({ key: `k${n}`, n })));
};

describe('reading stored events', () => {
  it('gives each once, in stored order, over several pages, and leaves no subscription behind', async () => {
    const context = freshContext();
    const app = await startApp({ url: server.url });
    await publishMany(app, context, MANY);
    const before = app.connection.nc.stats().inMsgs;
    const events = await all(app.bus.read(`${context}.*`));
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: MANY }, (_, n) => n + 1));
    // One for each event and one for the end of each page.
    expect(app.connection.nc.stats().inMsgs - before).toBe(MANY + 3);
    const held = await subscriptions();
    await all(app.bus.read(`${context}.*`));
    await until('what was subscribed to is given up', async () => (await subscriptions()) <= held);
  });

  it('gives events with all that is known of them, decoded when asked for', async () => {
    const context = freshContext();
    const [OrderPaid, OrderRefunded] = [paidEvent(context), refundedEvent(context)];
    const { bus } = await startApp({ url: server.url, name: 'till' });
    await bus.publish(new OrderPaid({ orderId: 'a b', amountCents: 1 }), { messageId: 'first' });
    await bus.publish(new OrderRefunded({ orderId: 'c', amountCents: 2 }));
    const [only, ...others] = await all(bus.read(OrderPaid));
    expect(others).toEqual([]);
    expect(only).toBeInstanceOf(StoredEvent);
    expect(only).toMatchObject({
      type: `${context}.paid`,
      key: 'a b',
      id: 'first',
      source: 'till',
      version: 1,
      stream: `EVENTS_${context}`,
      sequence: 1,
    });
    expect(await only?.decode()).toEqual(new OrderPaid({ orderId: 'a b', amountCents: 1 }));
    expect(await all(bus.read([OrderPaid, OrderRefunded]))).toHaveLength(2);
  });

  it('is of a period, its end not included', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus } = await startApp({ url: server.url });
    const times: Date[] = [];
    for (let n = 0; n < 3; n++) {
      await bus.publish(new OrderPaid({ orderId: `o${n}`, amountCents: 1 }));
      const stored = await all(bus.read(OrderPaid, { until: new Date(Date.now() + 1) }));
      times.push(stored.at(-1)?.storedAt ?? new Date(0));
      const next = Date.now() + 2;
      await until('the clock has moved on', () => Date.now() >= next);
    }
    const [, from, end] = times;
    const keysOf = async (options: ReadOptions) =>
      (await all(bus.read(OrderPaid, options))).map(({ key }) => key);
    expect(await keysOf({ from, until: end })).toEqual(['o1']);
    expect(await keysOf({ from })).toEqual(['o1', 'o2']);
    expect(await keysOf({ until: from })).toEqual(['o0']);
    expect(await keysOf({ from: new Date(Date.now() + 60_000) })).toEqual([]);
  });

  it('is refused for a context that the application has not said it reads', async () => {
    const [said, unsaid] = [freshContext(), freshContext()];
    const { bus } = await startApp({ url: server.url, events: { reads: [said] } });
    expect(await all(bus.read(`${said}.*`))).toEqual([]);
    await expect(all(bus.read(`${unsaid}.*`))).rejects.toMatchObject({ code: 'EVENT_UNDECLARED' });
  });

  it('passes over what is gone, and takes events that are larger than a page', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus, connection } = await startApp({ url: server.url });
    const note = 'x'.repeat(700_000);
    for (const orderId of ['a', 'b', 'c', 'd']) {
      await bus.publish(new OrderPaid({ orderId, amountCents: 1, note }));
    }
    await connection.jsm.streams.deleteMessage(`EVENTS_${context}`, 2);
    const events = await all(bus.read(OrderPaid));
    expect(events.map(({ key }) => key)).toEqual(['a', 'c', 'd']);
  });

  it('is stopped by its signal, also in the middle', async () => {
    const context = freshContext();
    const app = await startApp({ url: server.url });
    await publishMany(app, context, 10);
    const stop = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { sequence } of app.bus.read(`${context}.*`, { signal: stop.signal })) {
        seen.push(sequence);
        if (sequence === 4) stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('knows a context without events from a server that is away', async () => {
    const own = await startNatsServer();
    try {
      const { bus } = await startApp({ url: own.url });
      expect(await all(bus.read('nobody.*'))).toEqual([]);
      await expect(all(bus.read('>'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      await own.kill();
      const stop = new AbortController();
      const reading = all(bus.read('nobody.*', { signal: stop.signal }));
      stop.abort(new Error('not now'));
      await expect(reading).rejects.toThrow('not now');
      await own.restart();
      expect(await all(bus.read('nobody.*'))).toEqual([]);
    } finally {
      await closeApps();
      await own.stop();
    }
  });
});
