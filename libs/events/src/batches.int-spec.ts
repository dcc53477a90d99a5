import { Injectable } from '@nestjs/common';
import { currentMessage } from '@millrace/delivery';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { Paid, paidEvent } from './contracts.fixture.js';
import { constant, Context, type DeadLetter, type EventBatch, SubscribeBatch } from './index.js';

const event = (orderId: string): Paid => ({ orderId, amountCents: 1 });
const group = 'batches';
const idsOf = (events: readonly Paid[]): string[] => events.map(({ orderId }) => orderId);
const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `o${at}`);

const Decorated = paidEvent('decorated');

@Injectable()
class Ledger {
  readonly booked: string[] = [];

  @SubscribeBatch(Decorated, { group: 'ledger', max: 10, within: '20ms' })
  book(events: Paid[], @Context() batch: EventBatch<Paid>): void {
    for (const [at, { orderId }] of events.entries())
      this.booked.push(`${orderId} ${batch.items[at]?.message.key}`);
  }
}

describe('a batch subscriber', () => {
  let server: NatsServer;
  let context: string;
  let app: TestApp;
  let OrderPaid: ReturnType<typeof paidEvent>;
  let batches: string[][];

  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    context = freshContext();
    OrderPaid = paidEvent(context);
    batches = [];
    app = await startApp({ url: server.url });
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  const publish = (ids: readonly string[]): Promise<unknown> =>
    Promise.all(ids.map((orderId) => app.bus.publish(OrderPaid, event(orderId))));

  const settled = (): Promise<void> =>
    until('everything to be settled', async () => {
      const info = await app.connection.jsm.consumers.info(`EVENTS_${context}`, group);
      return info.num_pending === 0 && info.num_ack_pending === 0;
    });

  const letters = async (): Promise<DeadLetter[]> => {
    const found: DeadLetter[] = [];
    for await (const letter of app.deadLetters.list({ context })) found.push(letter);
    return found;
  };

  it('handles every event once, in order, as many at once as there are', async () => {
    await publish(numbered(1200));
    await app.bus.subscribeBatch(OrderPaid, (events) => void batches.push(idsOf(events)), {
      group,
      max: 500,
      within: '500ms',
    });
    await settled();
    expect(batches.flat()).toEqual(numbered(1200));
    const sizes = batches.map(({ length }) => length);
    expect(Math.max(...sizes)).toBe(500);
    expect(sizes.length).toBeLessThan(12);
  });

  it('waits no longer for others than it is told', async () => {
    await app.bus.subscribeBatch(OrderPaid, (events) => void batches.push(idsOf(events)), {
      group,
      max: 500,
      within: '30ms',
    });
    await publish(['a']);
    await until('the first', () => batches.length === 1);
    await publish(['b']);
    await settled();
    expect(batches).toEqual([['a'], ['b']]);
  });

  it('settles each event as it is told, and those left over as the handler ends', async () => {
    const attempts = new Map<string, number>();
    await publish(['acked', 'retried', 'later', 'dead', 'failed']);
    await app.bus.subscribeBatch<Paid>(
      OrderPaid,
      (events, { items }) => {
        for (const [at, { orderId }] of events.entries()) {
          const { attempt } = items[at]!.message;
          attempts.set(orderId, attempt);
          if (attempt > 1) continue;
          if (orderId === 'acked') items[at]!.ack();
          if (orderId === 'retried') items[at]!.retry();
          if (orderId === 'later') items[at]!.retry('100ms');
          if (orderId === 'dead') items[at]!.deadLetter('no such order');
        }
        if (events.some(({ orderId }) => attempts.get(orderId) === 1)) throw new Error('the others');
      },
      { group, within: '50ms', retry: { attempts: 3, backoff: constant(10) } },
    );
    await settled();
    expect(Object.fromEntries(attempts)).toEqual({ acked: 1, retried: 2, later: 2, dead: 1, failed: 2 });
    const [letter, ...more] = await letters();
    expect(letter).toMatchObject({
      attempts: 1,
      cause: { code: 'PERMANENT', message: expect.stringContaining('no such order') as string },
    });
    expect(more).toEqual([]);
  });

  it('dead-letters after the last attempt, each event by its own count', async () => {
    await publish(['a', 'b']);
    await app.bus.subscribeBatch<Paid>(
      OrderPaid,
      (events, { items }) => {
        batches.push(idsOf(events));
        for (const [at, item] of items.entries()) {
          if (events[at]!.orderId === 'a') item.retry('10ms', 'busy');
        }
      },
      { group, within: '50ms', retry: { attempts: 2, backoff: constant(10) } },
    );
    await settled();
    expect(batches).toEqual([['a', 'b'], ['a']]);
    const [letter] = await letters();
    expect(letter).toMatchObject({ attempts: 2, cause: { message: 'busy' } });
  });

  it('leaves an invalid event out of the batch, which goes on without it', async () => {
    await publish(['a']);
    await app.connection.js.publish(`events.${context}.paid.x`, '{"orderId":"x","amountCents":"much"}');
    await publish(['b']);
    await app.bus.subscribeBatch(OrderPaid, (events) => void batches.push(idsOf(events)), {
      group,
      within: '50ms',
    });
    await settled();
    expect(batches).toEqual([['a', 'b']]);
    const [letter] = await letters();
    expect(letter?.cause.code).toBe('EVENT_INVALID');
  });

  it('fails what is not settled when its time is up, and tells the handler', async () => {
    let aborted = false;
    await publish(['a', 'b']);
    await app.bus.subscribeBatch<Paid>(
      OrderPaid,
      (events, { items, signal }) => {
        batches.push(idsOf(events));
        if (batches.length > 1) return undefined;
        items[0]!.ack();
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve(void (aborted = true))),
        );
      },
      { group, within: '50ms', timeout: '100ms', retry: { attempts: 2, backoff: constant(10) } },
    );
    await settled();
    expect(batches).toEqual([['a', 'b'], ['b']]);
    expect(aborted).toBe(true);
  });

  it('has no current message but that of an item which is run', async () => {
    const seen: (number | undefined)[] = [];
    await publish(['a', 'b']);
    await app.bus.subscribeBatch<Paid>(
      OrderPaid,
      async (_, { items }) => {
        seen.push(currentMessage()?.sequence);
        for (const item of items) await item.run(async () => void seen.push(currentMessage()?.sequence));
      },
      { group, within: '50ms' },
    );
    await settled();
    expect(seen).toEqual([undefined, 1, 2]);
  });

  it('handles what it has handled only once where it is idempotent', async () => {
    const options = { group, max: 50, within: '20ms', idempotent: true } as const;
    await publish(numbered(120));
    const first = await app.bus.subscribeBatch(
      OrderPaid,
      (events) => void batches.push(idsOf(events)),
      options,
    );
    await settled();
    await first.remove();
    await app.bus.subscribeBatch(OrderPaid, (events) => void batches.push(idsOf(events)), options);
    await settled();
    expect(batches.flat().sort()).toEqual(numbered(120).sort());
  });

  it('hands everything back at once when the application stops before the handler does', async () => {
    await publish(numbered(30));
    let aborted = false;
    const stopping = await startApp({ url: server.url, events: { shutdownTimeout: '200ms' } });
    await stopping.bus.subscribeBatch(
      OrderPaid,
      (events, { signal }) => {
        batches.push(idsOf(events));
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      },
      { group, max: 10, within: '20ms' },
    );
    await until('a batch', () => batches.length === 1);
    await stopping.close();
    expect(aborted).toBe(true);
    expect(batches).toHaveLength(1);
    await app.bus.subscribeBatch(OrderPaid, (events) => void batches.push(idsOf(events)), {
      group,
      max: 10,
      within: '20ms',
    });
    // Long before the 30 s of `ackWait`.
    await settled();
    expect(batches.slice(1).flat().sort()).toEqual(numbered(30).sort());
  });

  it('is declared on a method', async () => {
    const own = await startApp({ url: server.url, name: 'books', providers: [Ledger] });
    await Promise.all(['a', 'b'].map((orderId) => own.bus.publish(Decorated, event(orderId))));
    const { booked } = own.app.get(Ledger);
    await until('both', () => booked.length === 2);
    expect([...booked].sort()).toEqual(['a a', 'b b']);
  });

  it('has its counterpart in a received event, which is run as the message it is', async () => {
    await publish(['a']);
    const received = await app.bus.receive(OrderPaid, { group });
    expect(currentMessage()).toBeUndefined();
    expect(received!.run(() => currentMessage())).toBe(received!.message);
    await received!.ack();
  });

  it('refuses what makes no sense', async () => {
    const handler = (): void => undefined;
    const refused = { code: 'CONFIG_INVALID' };
    await expect(app.bus.subscribeBatch(OrderPaid, handler, { group, ordered: true })).rejects.toMatchObject(
      refused,
    );
    await expect(app.bus.subscribeBatch(OrderPaid, handler, { group, max: 0 })).rejects.toMatchObject(
      refused,
    );
    await expect(
      app.bus.subscribeBatch(OrderPaid, handler, { group, max: 100, maxAckPending: 100 }),
    ).rejects.toMatchObject(refused);
  });
});
