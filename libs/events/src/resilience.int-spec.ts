import { connect } from '@nats-io/transport-node';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, until } from './app.fixture.js';
import { Paid, paidEvent } from './contracts.fixture.js';
import { constant } from './index.js';

const event = (orderId: string): Paid => ({ orderId, amountCents: 1 });
const keys = (count: number, prefix = 'o'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('resilience', () => {
  let server: NatsServer;
  beforeEach(async () => {
    server = await startNatsServer();
  });
  afterEach(async () => {
    await closeApps();
    await server.stop();
  });

  it('loses nothing when the server is killed in mid-stream and comes back', async () => {
    const OrderPaid = paidEvent(freshContext());
    const handled = new Set<string>();
    const { bus } = await startApp({ url: server.url, nats: { publish: { deadline: '30s' } } });
    await bus.subscribe(
      OrderPaid,
      async ({ orderId }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        handled.add(orderId);
      },
      { group: 'survives', ackWait: '2s' },
    );
    const ids = keys(3000);
    const publishing = Promise.all(ids.map((id) => bus.publish(OrderPaid, event(id))));
    await until('the stream to flow', () => handled.size > 200);
    await server.kill('SIGKILL');
    await server.restart();
    await publishing;
    await until('every event', () => handled.size === ids.length, 30_000);
  }, 60_000);

  it('goes on after a consumer is deleted under it, and handles what came meanwhile', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const handled: string[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    await bus.subscribe(OrderPaid, ({ orderId }) => void handled.push(orderId), { group: 'robbed' });
    await bus.publish(OrderPaid, event('before'));
    await until('the first event', () => handled.length === 1);
    await connection.jsm.consumers.delete(`EVENTS_${context}`, 'robbed');
    await Promise.all(keys(50).map((id) => bus.publish(OrderPaid, event(id))));
    await until('what came meanwhile', () => keys(50).every((id) => handled.includes(id)));
    expect((await connection.jsm.consumers.info(`EVENTS_${context}`, 'robbed')).config.filter_subject).toBe(
      `events.${context}.paid.*`,
    );
  }, 30_000);

  it('goes on after the whole stream is deleted under it', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const handled: string[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    await bus.subscribe(OrderPaid, ({ orderId }) => void handled.push(orderId), { group: 'bereft' });
    await Promise.all(keys(20, 'early').map((id) => bus.publish(OrderPaid, event(id))));
    await until('the first events', () => handled.length === 20);
    await connection.jsm.streams.delete(`EVENTS_${context}`);
    await Promise.all(keys(5, 'late').map((id) => bus.publish(OrderPaid, event(id), { deadline: '20s' })));
    await until('the events of the new stream', () => keys(5, 'late').every((id) => handled.includes(id)));
  }, 40_000);

  it('starts in ten replicas at once, which agree on one stream and one consumer', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const handled: string[] = [];
    const replicas = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const replica = await startApp({
          url: server.url,
          events: { contexts: { [context]: { maxAge: '1d' } } },
        });
        await replica.bus.subscribe(OrderPaid, ({ orderId }) => void handled.push(orderId), { group: 'ten' });
        return replica;
      }),
    );
    await Promise.all(keys(300).map((id, at) => replicas[at % 10]!.bus.publish(OrderPaid, event(id))));
    await until('every event', () => handled.length >= 300);
    expect([...handled].sort()).toEqual(keys(300).sort());
    const { jsm } = replicas[0]!.connection;
    expect((await jsm.streams.info(`EVENTS_${context}`)).config.max_age).toBe(86_400e9);
    expect((await jsm.streams.info(`EVENTS_${context}`)).state.consumer_count).toBe(1);
  }, 30_000);

  it('accepts an event of a bare client, and fills in what it did not say', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const nc = await connect({ servers: server.url });
    try {
      const { bus } = await startApp({ url: server.url });
      const seen: unknown[] = [];
      await bus.subscribe(
        OrderPaid,
        (got, { id, source, key, version, publishedAt, storedAt }) =>
          void seen.push([
            got instanceof OrderPaid,
            got.amountCents,
            id,
            source,
            key,
            version,
            +publishedAt === +storedAt,
          ]),
        { group: 'open' },
      );
      nc.publish(`events.${context}.paid.o=201`, '{"orderId":"o 1","amountCents":3}');
      await until('the event', () => seen.length === 1);
      expect(seen).toEqual([[true, 3, `EVENTS_${context}:1`, 'nats', 'o 1', undefined, true]]);
    } finally {
      await nc.close();
    }
  });

  it('begins anew under a new group name, and leaves the old place alone', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const seen: Record<string, string[]> = { old: [], renamed: [] };
    const { bus, connection } = await startApp({ url: server.url });
    const old = await bus.subscribe(OrderPaid, ({ orderId }) => void seen['old']!.push(orderId), {
      group: 'old',
    });
    await bus.publish(OrderPaid, event('a'));
    await until('the old group', () => seen['old']!.length === 1);
    await old.unsubscribe();
    await bus.publish(OrderPaid, event('b'));
    await bus.subscribe(OrderPaid, ({ orderId }) => void seen['renamed']!.push(orderId), {
      group: 'renamed',
    });
    await until('the new group', () => seen['renamed']!.length === 2);
    expect(seen['renamed']!.sort()).toEqual(['a', 'b']);
    expect((await connection.jsm.consumers.info(`EVENTS_${context}`, 'old')).num_pending).toBe(1);
  });

  it('stops cleanly: finishes what runs, hands the rest back, and nothing is handled twice or lost', async () => {
    const OrderPaid = paidEvent(freshContext());
    const handled: string[] = [];
    const handler = async ({ orderId }: Paid): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      handled.push(orderId);
    };
    const options = { group: 'shift', concurrency: 4, ackWait: '30s' } as const;
    const first = await startApp({ url: server.url });
    await first.bus.subscribe(OrderPaid, handler, options);
    await Promise.all(keys(200).map((id) => first.bus.publish(OrderPaid, event(id))));
    await until('work to be under way', () => handled.length > 8);
    const stopping = performance.now();
    await first.close();
    expect(performance.now() - stopping).toBeLessThan(3000);
    const before = handled.length;
    expect(before).toBeLessThan(200);
    const second = await startApp({ url: server.url });
    await second.bus.subscribe(OrderPaid, handler, options);
    // Far within the ackWait of 30 s: what the first one held was handed back, not left to expire.
    await until('the rest', () => handled.length >= 200, 10_000);
    expect([...handled].sort()).toEqual(keys(200).sort());
  }, 30_000);

  it('aborts a handler that outlasts the shutdown, and hands its event back at once', async () => {
    const OrderPaid = paidEvent(freshContext());
    let aborted = false;
    let again = 0;
    const first = await startApp({ url: server.url, events: { shutdownTimeout: '300ms' } });
    await first.bus.subscribe(
      OrderPaid,
      (_, { signal }) =>
        new Promise<void>(() => {
          signal.addEventListener('abort', () => (aborted = true));
        }),
      { group: 'stuck', ackWait: '30s' },
    );
    await first.bus.publish(OrderPaid, event('a'));
    await until('the handler', () => first.bus.subscriptions()[0]!.inHand === 1);
    await first.close();
    expect(aborted).toBe(true);
    const second = await startApp({ url: server.url });
    await second.bus.subscribe(OrderPaid, () => void again++, {
      group: 'stuck',
      ackWait: '30s',
      retry: { backoff: constant(10) },
    });
    await until('the event to come back', () => again === 1, 5000);
  });
});
