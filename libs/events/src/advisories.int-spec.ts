import { AckPolicy } from '@nats-io/jetstream';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { paidEvent } from './contracts.fixture.js';
import { DeadLetter, EventsModule } from './index.js';

const event = (orderId: string): { orderId: string; amountCents: number } => ({ orderId, amountCents: 1 });

describe('dead letters that no handler leads to', () => {
  let server: NatsServer;
  let context: string;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(() => {
    context = freshContext();
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  const letters = async ({ deadLetters }: TestApp): Promise<DeadLetter[]> => {
    const found: DeadLetter[] = [];
    for await (const letter of deadLetters.list({ context })) found.push(letter);
    return found;
  };
  /** Lets a client without Millrace take the next event of a group and refuse it for good. */
  const terminate = async ({ connection }: TestApp, group: string): Promise<void> => {
    const consumer = await connection.js.consumers.get(`EVENTS_${context}`, group);
    const message = await consumer.next({ expires: 5000 });
    message?.term('legacy says no');
    await connection.nc.flush();
  };

  it('are written once for an event that a foreign client terminated, by two replicas, and replayed', async () => {
    const OrderPaid = paidEvent(context);
    const told: string[] = [];
    const onDeadLetter = [({ id }: DeadLetter) => void told.push(id)];
    const app = await startApp({ url: server.url, events: { onDeadLetter } });
    const other = await startApp({ url: server.url, events: { onDeadLetter } });
    const handled: string[] = [];
    const subscribe = (to: TestApp) =>
      to.bus.subscribe(OrderPaid, ({ orderId }) => void handled.push(orderId), { group: 'mixed' });
    await (await subscribe(app)).unsubscribe();
    await app.bus.publish(OrderPaid, event('a'));
    await terminate(app, 'mixed');
    await subscribe(app);
    await subscribe(other);
    await until('the dead letter', async () => (await letters(app)).length > 0);
    const [letter, ...more] = await letters(app);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      subject: `dead.${context}.paid.mixed.a`,
      cause: { code: 'MESSAGE_TERMINATED', message: expect.stringContaining('legacy says no') },
    });
    expect(told).toEqual([letter!.id]);
    await app.deadLetters.replay(letter!.id);
    await until('the replay', () => handled.length > 0);
    expect(handled).toEqual(['a']);
  });

  it('are written for an event of an ordered group, with the place where it was stored first', async () => {
    const OrderPaid = paidEvent(context);
    const app = await startApp({ url: server.url });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const begun: string[] = [];
    const handle = async ({ orderId }: { orderId: string }): Promise<void> => {
      begun.push(orderId);
      if (orderId === 'a') await held;
    };
    await app.bus.subscribe(OrderPaid, handle, { group: 'inorder', ordered: true, partitions: 2 });
    const stored = await app.bus.publish(OrderPaid, event('a'));
    await until('it is being handled', () => begun.length === 1);
    const stream = `ORDERED_${context}=inorder`;
    for await (const { name, num_ack_pending: unsettled, delivered } of app.connection.jsm.consumers.list(
      stream,
    )) {
      if (unsettled === 0) continue;
      const { consumer_seq: place, stream_seq: sequence } = delivered;
      // As a client answers that has come by the message's reply subject.
      app.connection.nc.publish(`$JS.ACK.${stream}.${name}.1.${sequence}.${place}.0.0`, '+TERM by hand');
    }
    await until('the dead letter', async () => (await letters(app)).length > 0);
    release();
    await app.bus.publish(OrderPaid, event('b'));
    await until('the next is handled', () => begun.includes('b'));
    expect(await letters(app)).toMatchObject([
      {
        subject: `dead.${context}.paid.inorder.a`,
        group: 'inorder',
        original: { stream: `EVENTS_${context}`, sequence: stored.sequence },
        cause: { code: 'MESSAGE_TERMINATED' },
      },
    ]);
  });

  it('are written for a group of another language whose attempts are used up', async () => {
    const OrderPaid = paidEvent(context);
    const app = await startApp({ url: server.url });
    await app.bus.subscribe(OrderPaid, () => undefined, { group: 'ours' });
    await app.connection.jsm.consumers.add(`EVENTS_${context}`, {
      durable_name: 'python',
      ack_policy: AckPolicy.Explicit,
      max_deliver: 1,
    });
    await app.bus.publish(OrderPaid, event('a'));
    const consumer = await app.connection.js.consumers.get(`EVENTS_${context}`, 'python');
    (await consumer.next({ expires: 5000 }))?.nak();
    await consumer.next({ expires: 1000 });
    await until('the dead letter', async () => (await letters(app)).length > 0);
    expect(await letters(app)).toMatchObject([
      { group: 'python', key: 'a', attempts: 1, cause: { code: 'ATTEMPTS_EXHAUSTED' } },
    ]);
  });

  it('and all others ring the alarms that modules add; one that fails harms nothing', async () => {
    const OrderPaid = paidEvent(context);
    const rung: string[] = [];
    const app = await startApp({
      url: server.url,
      events: {
        onDeadLetter: [
          () => {
            throw new Error('the pager is off');
          },
        ],
      },
      imports: [
        EventsModule.forFeature({
          onDeadLetter: [(letter) => void rung.push(`${letter.group} ${letter.key} ${letter.cause.message}`)],
        }),
      ],
    });
    const fail = (): never => {
      throw new Error('no way');
    };
    await app.bus.subscribe(OrderPaid, fail, { group: 'alarmed', retry: { attempts: 1 } });
    await app.bus.publish(OrderPaid, event('a'));
    await until('the alarm', () => rung.length > 0);
    expect(rung).toEqual(['alarmed a no way']);
    await until('the dead letter', async () => (await letters(app)).length === 1);
  });

  it('are none of ours where advisories are turned off', async () => {
    const fresh = await startNatsServer();
    const app = await startApp({ url: fresh.url, events: { deadLetters: { advisories: false } } });
    await app.bus.subscribe(paidEvent(context), () => undefined, { group: 'plain' });
    const names: string[] = [];
    for await (const name of app.connection.jsm.streams.names()) names.push(name);
    expect(names).toContain('DEAD_LETTERS');
    expect(names).not.toContain('DEAD_LETTER_ADVISORIES');
    await app.close();
    await fresh.stop();
  });
});
