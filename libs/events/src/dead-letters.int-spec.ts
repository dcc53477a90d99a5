import { createConnection } from 'node:net';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { Paid, paidEvent } from './contracts.fixture.js';
import { constant, DeadLetter } from './index.js';

const event = (orderId: string): Paid => ({ orderId, amountCents: 1 });
const once = { attempts: 1 };
const fail = (): never => {
  throw new Error('no\nway');
};

describe('dead letters', () => {
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

  const letters = async (): Promise<DeadLetter[]> => {
    const found: DeadLetter[] = [];
    for await (const letter of app.deadLetters.list({ context })) found.push(letter);
    return found;
  };
  const awaitLetters = async (count: number): Promise<DeadLetter[]> => {
    await until(`${count} dead letters`, async () => (await letters()).length >= count);
    return letters();
  };
  const store = (body: string | Uint8Array): Promise<{ seq: number }> =>
    app.connection.js.publish(`events.${context}.paid.k`, body);

  it('keep the body as it was, and say what happened', async () => {
    await app.bus.subscribe(paidEvent(context), fail, {
      group: 'tells',
      retry: { attempts: 2, backoff: constant(10) },
    });
    const body = `{ "amountCents": 1,  "orderId": "ж", "extra": [1] }`;
    const { seq } = await store(body);
    const [letter] = await awaitLetters(1);
    expect(new TextDecoder().decode(letter!.body)).toBe(body);
    expect(letter).toMatchObject({
      subject: `dead.${context}.paid.tells.k`,
      group: 'tells',
      attempts: 2,
      cause: { name: 'Error', message: 'no\nway' },
      original: { stream: `EVENTS_${context}`, sequence: seq, subject: `events.${context}.paid.k` },
      bodyLeft: false,
    });
    expect(letter!.cause.stack).toContain('dead-letters.int-spec');
    expect(Date.now() - letter!.original.time.getTime()).toBeLessThan(60_000);
  });

  it.each([
    ['what is not JSON', 'plain text', 'EVENT_UNREADABLE'],
    ['what is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'EVENT_UNREADABLE'],
    ['what is empty', '', 'EVENT_UNREADABLE'],
    ['what breaks the contract', '{"orderId":1,"amountCents":"x"}', 'EVENT_INVALID'],
    ['what is no object', '[]', 'EVENT_INVALID'],
  ])('take %s at once, and what is behind it goes on', async (_, body, code) => {
    const OrderPaid = paidEvent(context);
    const calls: string[] = [];
    await app.bus.subscribe(OrderPaid, ({ orderId }) => void calls.push(orderId), { group: 'poison' });
    await store(body);
    await app.bus.publish(OrderPaid, event('good'));
    const [letter] = await awaitLetters(1);
    expect(letter).toMatchObject({ attempts: 1, cause: { code } });
    await until('the good event', () => calls.length > 0);
    expect(calls).toEqual(['good']);
  });

  it('take a version that the subscriber has no class for', async () => {
    const versions: (number | undefined)[] = [];
    await app.bus.subscribe(paidEvent(context, 2), (_, { version }) => void versions.push(version), {
      group: 'v2',
    });
    const other = await startApp({ url: server.url, name: 'newer' });
    await other.bus.publish(paidEvent(context, 3), event('a'));
    await other.bus.publish(paidEvent(context, 2), event('a'));
    const [letter] = await awaitLetters(1);
    expect(letter!.cause).toMatchObject({ code: 'EVENT_VERSION_UNKNOWN' });
    await until('the known version', () => versions.length > 0);
    expect(versions).toEqual([2]);
  });

  it('take an event whose handler crashed on the last attempt, without another call', async () => {
    const OrderPaid = paidEvent(context);
    let calls = 0;
    const options = { group: 'crash', retry: once, ackWait: '500ms' } as const;
    const first = await app.bus.subscribe(OrderPaid, () => void calls++, options);
    await first.unsubscribe();
    await app.bus.publish(OrderPaid, event('a'));
    // A replica that takes the event and is never heard of again.
    const consumer = await app.connection.js.consumers.get(`EVENTS_${context}`, 'crash');
    expect(await consumer.next({ expires: 2000 })).not.toBeNull();
    await app.bus.subscribe(OrderPaid, () => void calls++, options);
    const [letter] = await awaitLetters(1);
    expect(letter!.cause.code).toBe('ATTEMPTS_EXHAUSTED');
    expect(calls).toBe(0);
  });

  it('hold the reference alone where the body leaves no room for the cause, and replay it whole', async () => {
    const OrderPaid = paidEvent(context);
    let note: string | undefined;
    const subscription = await app.bus.subscribe(OrderPaid, fail, { group: 'big', retry: once });
    const limit = app.connection.nc.info!.max_payload;
    const filler = 'x'.repeat(limit - 900);
    await app.bus.publish(new OrderPaid({ ...event('a'), note: filler }));
    const [letter] = await awaitLetters(1);
    expect(letter).toMatchObject({ bodyLeft: true, cause: { message: 'no\nway' } });
    await subscription.unsubscribe();
    await app.bus.subscribe(OrderPaid, (got) => void (note = got.note), { group: 'big', retry: once });
    await app.deadLetters.replay(letter!.id);
    await until('the replay', () => note !== undefined);
    expect(note === filler).toBe(true);
  });

  it('are replayed to the group that failed, once, as the same event', async () => {
    const OrderPaid = paidEvent(context);
    const failed: string[] = [];
    const others: string[] = [];
    let broken = true;
    await app.bus.subscribe(
      OrderPaid,
      (_, { idempotencyKey, key, headers }) => {
        failed.push(`${idempotencyKey} ${key} ${headers['tenant']}`);
        if (broken) fail();
      },
      { group: 'fails', retry: once },
    );
    await app.bus.subscribe(OrderPaid, (_, { id }) => void others.push(id), { group: 'works' });
    const { messageId } = await app.bus.publish(OrderPaid, event('a'), { headers: { tenant: 'eu' } });
    const [letter] = await awaitLetters(1);
    broken = false;
    const { sequence } = await app.deadLetters.replay(letter!.id);
    await until('the replay', () => failed.length === 2);
    expect(failed).toEqual([`fails:${messageId} a eu`, `fails:${messageId} a eu`]);
    const settled = async (group: string) =>
      (await app.connection.jsm.consumers.info(`EVENTS_${context}`, group)).ack_floor.stream_seq === sequence;
    await until(
      'both groups to settle the replay',
      async () => (await settled('works')) && (await settled('fails')),
    );
    expect(others).toEqual([messageId]);
    expect(await letters()).toEqual([]);
  });

  it('of an event without an id keep the idempotency key on replay', async () => {
    const keys: string[] = [];
    await app.bus.subscribe(
      paidEvent(context),
      (_, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        if (keys.length === 1) fail();
      },
      { group: 'bare', retry: once },
    );
    const { seq } = await store('{"orderId":"a","amountCents":1}');
    const [letter] = await awaitLetters(1);
    await app.deadLetters.replay(letter!.id);
    await until('the replay', () => keys.length === 2);
    expect(keys).toEqual([`bare:EVENTS_${context}:${seq}`, `bare:EVENTS_${context}:${seq}`]);
  });

  it('are listed by context, event, group and key, got, and discarded', async () => {
    const OrderPaid = paidEvent(context);
    await app.bus.subscribe(OrderPaid, fail, { group: 'one', retry: once });
    await app.bus.subscribe(OrderPaid, fail, { group: 'two', retry: once });
    await app.bus.publish(OrderPaid, event('a'));
    await app.bus.publish(OrderPaid, event('b c'));
    await awaitLetters(4);
    const subjects = async (filter: object): Promise<string[]> => {
      const found: string[] = [];
      for await (const { subject } of app.deadLetters.list({ context, ...filter }))
        found.push(subject.slice(subject.indexOf('paid')));
      return found.sort();
    };
    expect(await subjects({ group: 'one' })).toEqual(['paid.one.a', 'paid.one.b=20c']);
    expect(await subjects({ key: 'b c' })).toEqual(['paid.one.b=20c', 'paid.two.b=20c']);
    expect(await subjects({ event: 'paid', limit: 3 })).toHaveLength(3);
    expect(await subjects({ event: 'refunded' })).toEqual([]);
    const [first] = await letters();
    expect(await app.deadLetters.get(first!.id)).toEqual(first);
    await app.deadLetters.discard(first!.id);
    expect(await letters()).toHaveLength(3);
    const unknown = { code: 'DEAD_LETTER_UNKNOWN' };
    await expect(app.deadLetters.get(first!.id)).rejects.toMatchObject(unknown);
    await expect(app.deadLetters.discard(first!.id)).rejects.toMatchObject(unknown);
    await expect(app.deadLetters.replay('nonsense')).rejects.toMatchObject(unknown);
  });

  it('are listed beyond one page', async () => {
    const OrderPaid = paidEvent(context);
    await app.bus.subscribe(OrderPaid, fail, { group: 'many', retry: once });
    await Promise.all(Array.from({ length: 250 }, (_, i) => app.bus.publish(OrderPaid, event(`o${i}`))));
    const keys = (await awaitLetters(250)).map(({ original }) => original.subject);
    expect(new Set(keys).size).toBe(250);
  });

  it('come back by themselves when their stream is deleted under the application', async () => {
    const OrderPaid = paidEvent(context);
    await app.bus.subscribe(OrderPaid, fail, { group: 'heals', retry: once });
    await app.connection.jsm.streams.delete('DEAD_LETTERS');
    await app.bus.publish(OrderPaid, event('a'));
    let found: DeadLetter[] = [];
    await until('the dead letter', async () => {
      found = await letters().catch(() => []);
      return found.length === 1;
    });
    expect(found[0]?.cause.message).toBe('no\nway');
  }, 20_000);

  it('take in what a receiver cannot even look at', async () => {
    const raw = 'NATS/1.0\r\nbad name: x\r\n\r\n';
    const socket = createConnection(server.port, '127.0.0.1');
    const OrderPaid = paidEvent(context);
    await app.bus.receive(OrderPaid, { group: 'looks', timeout: 50 });
    socket.write('CONNECT {"headers":true,"verbose":false}\r\n');
    socket.write(`HPUB events.${context}.paid.k ${raw.length} ${raw.length + 2}\r\n${raw}{}\r\n`);
    expect(await app.bus.receive(OrderPaid, { group: 'looks', timeout: '1s' })).toBeUndefined();
    socket.destroy();
    const [letter] = await awaitLetters(1);
    expect(letter).toMatchObject({ group: 'looks', cause: { code: 'EVENT_UNREADABLE' } });
  });
});
