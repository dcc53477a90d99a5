import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { delay } from '@millrace/core';
import { allDeadLetters, closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { Paid, paidEvent } from './contracts.fixture.js';
import { constant } from './index.js';

const event = (orderId: string): Paid => ({ orderId, amountCents: 1 });
const group = 'once';
const fail = (): never => {
  throw new Error('no way');
};

/** A promise that a test settles by hand. */
const gate = (): { opened: Promise<void>; open: () => void } => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

describe('an idempotent subscriber', () => {
  let server: NatsServer;
  let context: string;
  let app: TestApp;
  let OrderPaid: ReturnType<typeof paidEvent>;
  let handled: string[];

  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    context = freshContext();
    OrderPaid = paidEvent(context);
    handled = [];
    // So short that the server itself recognises no duplicate.
    app = await startApp({
      url: server.url,
      events: { contexts: { [context]: { duplicateWindow: '100ms' } } },
      nats: { publish: { deadline: '1s' } },
    });
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  const note = ({ orderId }: Paid): void => void handled.push(orderId);

  const settled = (): Promise<void> =>
    until('everything to be settled', async () => {
      const info = await app.connection.jsm.consumers.info(`EVENTS_${context}`, group);
      return info.num_pending === 0 && info.num_ack_pending === 0;
    });

  const publishAgain = async (orderId: string): Promise<void> => {
    await delay(150);
    await app.bus.publish(OrderPaid, event(orderId), { messageId: orderId });
  };

  const stored = async (): Promise<number> =>
    (await app.connection.jsm.streams.info(`EVENTS_${context}`)).state.messages;

  const inboxOf = (orderId: string): string => `millrace.inbox.EVENTS_${context}.${group}.${orderId}`;

  it('handles what was published again under one id once, however late', async () => {
    await app.bus.subscribe(OrderPaid, note, { group, idempotent: true });
    await publishAgain('a');
    await publishAgain('a');
    await publishAgain('b');
    await settled();
    expect(await stored()).toBe(3);
    expect(handled).toEqual(['a', 'b']);
  });

  it('handles nothing again when its consumer begins anew', async () => {
    const options = { group, idempotent: true };
    const first = await app.bus.subscribe(OrderPaid, note, options);
    await Promise.all(Array.from({ length: 50 }, (_, at) => app.bus.publish(OrderPaid, event(`o${at}`))));
    await settled();
    await first.remove();
    await app.bus.subscribe(OrderPaid, note, options);
    await settled();
    expect(handled).toHaveLength(50);
  });

  it('does not dead-letter what was handled on its last attempt when the answer was lost', async () => {
    const options = { group, idempotent: true, retry: { attempts: 1 }, ackWait: '500ms' } as const;
    const subscription = await app.bus.subscribe(OrderPaid, note, options);
    await subscription.unsubscribe();
    await app.bus.publish(OrderPaid, event('a'), { messageId: 'a' });
    const consumer = await app.connection.js.consumers.get(`EVENTS_${context}`, group);
    expect(await consumer.next({ expires: 2000 })).not.toBeNull();
    await app.connection.js.publish(inboxOf('a'), '{"handled":true}', { ttl: '1m' });
    await app.bus.subscribe(OrderPaid, note, options);
    await settled();
    expect(handled).toEqual([]);
    expect(await allDeadLetters(app.deadLetters)).toEqual([]);
  });

  it('lets a duplicate wait, and leaves it out where the first is handled', async () => {
    const { opened, open } = gate();
    const other = await startApp({ url: server.url });
    for (const { bus } of [app, other]) {
      await bus.subscribe(
        OrderPaid,
        async (paid) => {
          note(paid);
          await opened;
        },
        // Past the 2 s that a claim lasts unless it is extended.
        { group, idempotent: true, ackWait: '500ms', concurrency: 1 },
      );
    }
    await publishAgain('a');
    await publishAgain('a');
    await until('both replicas to have one', async () => {
      const info = await app.connection.jsm.consumers.info(`EVENTS_${context}`, group);
      return info.num_ack_pending === 2;
    });
    await delay(3000);
    expect(handled).toEqual(['a']);
    open();
    await settled();
    expect(handled).toEqual(['a']);
  });

  it('handles a duplicate where the first one failed', async () => {
    const { opened, open } = gate();
    let running = 0;
    let most = 0;
    await app.bus.subscribe(
      OrderPaid,
      async (paid) => {
        most = Math.max(most, ++running);
        note(paid);
        await opened;
        running--;
        if (handled.length === 1) fail();
      },
      { group, idempotent: true, retry: { attempts: 3, backoff: constant('300ms') } },
    );
    await publishAgain('a');
    await publishAgain('a');
    await until('the first', () => handled.length === 1);
    open();
    await settled();
    expect(handled).toEqual(['a', 'a']);
    expect(most).toBe(1);
  });

  it('handles a replayed dead letter, and not once more what was handled', async () => {
    let broken = true;
    await app.bus.subscribe(OrderPaid, (paid) => (broken ? fail() : note(paid)), {
      group,
      idempotent: true,
      retry: { attempts: 1 },
    });
    await publishAgain('a');
    await until('the dead letter', async () => (await allDeadLetters(app.deadLetters)).length === 1);
    broken = false;
    const [letter] = await allDeadLetters(app.deadLetters);
    await app.deadLetters.replay(letter!.id);
    await settled();
    expect(handled).toEqual(['a']);
    await publishAgain('a');
    await settled();
    expect(handled).toEqual(['a']);
  });

  it('takes over from a replica that ended in the middle', async () => {
    await app.bus.publish(OrderPaid, event('warm'));
    const subscription = await app.bus.subscribe(OrderPaid, note, { group, idempotent: true });
    await settled();
    await app.connection.js.publish(inboxOf('a'), '{"claim":"of the dead"}', { ttl: '2s' });
    await publishAgain('a');
    await until('the event', () => handled.includes('a'));
    await settled();
    expect(handled).toEqual(['warm', 'a']);
    expect(subscription.inHand).toBe(0);
  });

  it('is not stopped by the loss of what it knew', async () => {
    await app.bus.subscribe(OrderPaid, note, { group, idempotent: { ttl: '1h' } });
    await publishAgain('a');
    await until('the first', () => handled.length === 1);
    await app.connection.jsm.streams.delete('MILLRACE_INBOX');
    await publishAgain('b');
    await settled();
    expect(handled).toEqual(['a', 'b']);
  });

  it('forgets what was handled after its ttl', async () => {
    await app.bus.subscribe(OrderPaid, note, { group, idempotent: { ttl: '1s' } });
    await publishAgain('a');
    await until('the first', () => handled.length === 1);
    await until('the mark to end', async () => {
      const { state } = await app.connection.jsm.streams.info('MILLRACE_INBOX', {
        subjects_filter: inboxOf('a'),
      });
      return Object.keys(state.subjects ?? {}).length === 0;
    });
    await publishAgain('a');
    await settled();
    expect(handled).toEqual(['a', 'a']);
  });

  it('cannot be one of which every replica handles every event', async () => {
    const options = { group, idempotent: true, mode: 'broadcast' } as const;
    await expect(app.bus.subscribe(OrderPaid, note, options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
