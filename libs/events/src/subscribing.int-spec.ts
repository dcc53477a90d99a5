import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { allDeadLetters, closeApps, freshContext, startApp, until } from './app.fixture.js';
import { eventNamed, Paid, paidEvent, refundedEvent } from './contracts.fixture.js';
import { constant, EventMessage, PermanentError } from './index.js';

const event = (orderId: string): Paid => ({ orderId, amountCents: 1 });
const retry = { attempts: 3, backoff: constant('50ms') };

describe('subscribing', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  it('gives each group every event, and one replica of a group each of them', async () => {
    const OrderPaid = paidEvent(freshContext());
    const seen = { mail: [] as string[], stock: [] as string[] };
    const replicas = await Promise.all([1, 2].map(() => startApp({ url: server.url })));
    for (const { bus } of replicas) {
      await bus.subscribe(OrderPaid, ({ orderId }) => void seen.mail.push(orderId), { group: 'mail' });
    }
    await replicas[0]!.bus.subscribe(OrderPaid, ({ orderId }) => void seen.stock.push(orderId), {
      group: 'stock',
    });
    const ids = Array.from({ length: 200 }, (_, i) => `o${i}`);
    await Promise.all(ids.map((id) => replicas[1]!.bus.publish(new OrderPaid(event(id)))));
    await until('both groups', () => seen.mail.length >= 200 && seen.stock.length >= 200);
    expect([...seen.mail].sort()).toEqual([...ids].sort());
    expect([...seen.stock].sort()).toEqual([...ids].sort());
  });

  it('gives a broadcast to every replica, from now on', async () => {
    const OrderPaid = paidEvent(freshContext());
    const seen: string[][] = [[], []];
    const replicas = await Promise.all([1, 2].map(() => startApp({ url: server.url })));
    await replicas[0]!.bus.publish(new OrderPaid(event('earlier')));
    for (const [at, { bus }] of replicas.entries()) {
      await bus.subscribe(OrderPaid, ({ orderId }) => void seen[at]!.push(orderId), {
        group: 'cache',
        mode: 'broadcast',
      });
    }
    await replicas[0]!.bus.publish(new OrderPaid(event('now')));
    await until('both replicas', () => seen.every((list) => list.length > 0));
    expect(seen).toEqual([['now'], ['now']]);
  });

  it('starts a new group where it says: at the beginning, unless told otherwise', async () => {
    const OrderPaid = paidEvent(freshContext());
    const { bus, connection } = await startApp({ url: server.url });
    await bus.publish(new OrderPaid(event('a')));
    const second = await bus.publish(new OrderPaid(event('b')));
    await bus.publish(new OrderPaid(event('c')));
    const stored = await connection.jsm.streams.getMessage(second.stream, { seq: second.sequence });
    const seen: Record<string, string[]> = { default: [], date: [], sequence: [], new: [] };
    const from = {
      default: {},
      date: { from: new Date(stored!.time) },
      sequence: { from: 3 },
      new: { from: 'new' },
    } as const;
    for (const [group, options] of Object.entries(from)) {
      await bus.subscribe(OrderPaid, ({ orderId }) => void seen[group]!.push(orderId), { group, ...options });
    }
    await bus.publish(new OrderPaid(event('d')));
    await until('all groups', () => Object.values(seen).every((list) => list.includes('d')));
    const sorted = Object.fromEntries(Object.entries(seen).map(([group, list]) => [group, list.sort()]));
    expect(sorted['default']).toEqual(['a', 'b', 'c', 'd']);
    // A Date holds milliseconds, the server nanoseconds: the first event may fall into the same one.
    expect(sorted['date']!.slice(-3)).toEqual(['b', 'c', 'd']);
    expect(sorted['sequence']).toEqual(['c', 'd']);
    expect(sorted['new']).toEqual(['d']);
  });

  it('takes several classes of one context with one consumer, and passes over the rest', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const OrderRefunded = refundedEvent(context);
    const seen: string[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    await bus.subscribe(
      [OrderPaid, OrderRefunded],
      (got, { type }) => void seen.push(`${type} ${got.constructor.name}`),
      { group: 'both' },
    );
    await bus.publish(OrderPaid, event('a'));
    await bus.publish(OrderRefunded, event('a'));
    await bus.publish(eventNamed(`${context}.shipped`), { orderId: 'a' });
    const consumer = () => connection.jsm.consumers.info(`EVENTS_${context}`, 'both');
    await until('all three to be settled', async () => (await consumer()).ack_floor.stream_seq === 3);
    expect(seen.sort()).toEqual([`${context}.paid OrderPaid`, `${context}.refunded OrderRefunded`]);
    expect((await consumer()).config.filter_subject).toBe(`events.${context}.*.*`);
  });

  it('takes a pattern: decoded where a class is known, plain where none is', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const seen: string[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    await bus.subscribe(
      `${context}.*`,
      (got, { type }) => void seen.push(`${type} ${got instanceof OrderPaid}`),
      {
        group: 'audit',
      },
    );
    await bus.publish(OrderPaid, event('a'));
    await connection.js.publish(`events.${context}.unheard.k`, JSON.stringify({ any: 'thing' }));
    await until('both events', () => seen.length === 2);
    expect(seen.sort()).toEqual([`${context}.paid true`, `${context}.unheard false`]);
  });

  it("takes '>' from contexts that come into being later, from their first event", async () => {
    const seen: string[] = [];
    const { bus } = await startApp({ url: server.url });
    const known = freshContext();
    const Known = paidEvent(known);
    await bus.publish(Known, event('a'));
    await bus.subscribe('>', (_, { type, key }) => void seen.push(`${type} ${key}`), {
      group: `all-${known}`,
      from: 'new',
    });
    const later = freshContext();
    await bus.publish(paidEvent(later), event('c'));
    await bus.publish(Known, event('b'));
    await until('the new context', () => seen.includes(`${later}.paid c`));
    await until('the known context', () => seen.includes(`${known}.paid b`));
    expect(seen).not.toContain(`${known}.paid a`);
  });

  it("joins a context for '>' later, where it could not at first", async () => {
    const context = freshContext();
    const group = `stubborn-${context}`;
    const seen: string[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    const OrderPaid = paidEvent(context);
    await bus.publish(OrderPaid, event('a'));
    // A consumer of that name which belongs to another application: joining is refused while it is there.
    const metadata = { 'millrace.app': 'another' };
    await connection.jsm.consumers.add(`EVENTS_${context}`, { durable_name: group, metadata });
    await bus.subscribe('>', (_, { type }) => void seen.push(type), { group });
    const joined = (): string[] => bus.subscriptions()[0]!.contextNames;
    await until('the refusal', () => joined().length > 0 && !joined().includes(context));
    await connection.jsm.consumers.delete(`EVENTS_${context}`, group);
    await until('the context to be joined', () => seen.includes(`${context}.paid`));
  });

  it('retries with the back-off of the policy, counting attempts, and then gives up', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const attempts: { attempt: number; at: number; key: string }[] = [];
    const { bus, deadLetters } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      (_, { attempt, idempotencyKey }) => {
        attempts.push({ attempt, at: performance.now(), key: idempotencyKey });
        throw new Error('the printer is on fire');
      },
      { group: 'fails', retry: { attempts: 3, backoff: constant('200ms') } },
    );
    const { messageId } = await bus.publish(OrderPaid, event('a'));
    await until('the dead letter', async () =>
      (await allDeadLetters(deadLetters)).some(({ group }) => group === 'fails'),
    );
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(attempts[1]!.at - attempts[0]!.at).toBeGreaterThanOrEqual(199);
    expect(new Set(attempts.map(({ key }) => key))).toEqual(new Set([`fails:${messageId}`]));
  });

  it('acknowledges an event that a later attempt handles', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    let handled = 0;
    const { bus, connection } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      (_, { attempt }) => {
        if (attempt < 3) throw new Error('not yet');
        handled++;
      },
      { group: 'third', retry },
    );
    await bus.publish(OrderPaid, event('a'));
    const consumer = () => connection.jsm.consumers.info(`EVENTS_${context}`, 'third');
    await until('the acknowledgement', async () => (await consumer()).ack_floor.stream_seq === 1);
    expect(handled).toBe(1);
  });

  it('does not retry what is permanent', async () => {
    const OrderPaid = paidEvent(freshContext());
    let calls = 0;
    const { bus, deadLetters } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      () => {
        calls++;
        throw new PermanentError('the customer does not exist');
      },
      { group: 'permanent', retry },
    );
    await bus.publish(OrderPaid, event('a'));
    const mine = async () => (await allDeadLetters(deadLetters)).filter(({ group }) => group === 'permanent');
    await until('the dead letter', async () => (await mine()).length === 1);
    expect(calls).toBe(1);
    expect((await mine())[0]).toMatchObject({
      attempts: 1,
      cause: { name: 'PermanentError', code: 'PERMANENT' },
    });
  });

  it('aborts a handler past its timeout, which counts as a failed attempt', async () => {
    const OrderPaid = paidEvent(freshContext());
    const aborted: number[] = [];
    const { bus, deadLetters } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      (_, { signal, attempt }) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(attempt);
            reject(signal.reason as Error);
          });
        }),
      { group: 'slow', timeout: '100ms', retry: { attempts: 2, backoff: constant('10ms') } },
    );
    await bus.publish(OrderPaid, event('a'));
    const mine = async () => (await allDeadLetters(deadLetters)).filter(({ group }) => group === 'slow');
    await until('the dead letter', async () => (await mine()).length === 1);
    expect(aborted).toEqual([1, 2]);
    expect((await mine())[0]!.cause.code).toBe('HANDLER_TIMEOUT');
  });

  it('keeps the lease of a slow handler and of what waits behind it: each event once', async () => {
    const OrderPaid = paidEvent(freshContext());
    const calls: string[] = [];
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      async ({ orderId }) => {
        calls.push(orderId);
        await new Promise((resolve) => setTimeout(resolve, 700));
      },
      { group: 'patient', ackWait: '400ms', concurrency: 2 },
    );
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => bus.publish(OrderPaid, event(id))));
    await until('the last handler to start', () => calls.length >= 5);
    await until('all to be done', () => bus.subscriptions().every(({ inHand }) => inHand === 0));
    expect([...calls].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('runs no more handlers at once than it may', async () => {
    const OrderPaid = paidEvent(freshContext());
    let running = 0;
    let most = 0;
    let done = 0;
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        done++;
      },
      { group: 'narrow', concurrency: 3 },
    );
    await Promise.all(Array.from({ length: 60 }, (_, i) => bus.publish(OrderPaid, event(`o${i}`))));
    await until('all', () => done === 60);
    expect(most).toBe(3);
  });

  it('tells a handler all about its message', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const seen: EventMessage<Paid>[] = [];
    const { bus } = await startApp({ url: server.url, name: 'till' });
    await bus.subscribe(OrderPaid, (_, message) => void seen.push(message), { group: 'about' });
    const before = Date.now();
    const { messageId, sequence } = await bus.publish(OrderPaid, event('o.1'), { headers: { tenant: 'eu' } });
    await until('the message', () => seen.length === 1);
    const message = seen[0]!;
    expect(message).toMatchObject({
      subject: `events.${context}.paid.o=2E1`,
      type: `${context}.paid`,
      key: 'o.1',
      id: messageId,
      source: 'till',
      version: 1,
      group: 'about',
      attempt: 1,
      stream: `EVENTS_${context}`,
      sequence,
      idempotencyKey: `about:${messageId}`,
    });
    expect(message.headers['tenant']).toBe('eu');
    expect(message.publishedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(message.signal.aborted).toBe(false);
  });
});
