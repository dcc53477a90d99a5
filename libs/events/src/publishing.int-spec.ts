import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { IsString } from 'class-validator';
import {
  childTrace,
  ContractViolationError,
  MillraceError,
  PublishError,
  traceIdOf,
  withTrace,
} from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, until } from './app.fixture.js';
import { Paid, paidEvent } from './contracts.fixture.js';
import { Event, EventMessage } from './index.js';

describe('publishing', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  it('stores a readable event: subject, JSON body, CloudEvents headers', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus, connection } = await startApp({ url: server.url, name: 'billing' });
    const result = await bus.publish(new OrderPaid({ orderId: 'o-1', amountCents: 5 }), {
      headers: { tenant: 'eu' },
    });
    const stored = await connection.jsm.streams.getMessage(result.stream, { seq: result.sequence });
    expect(stored?.subject).toBe(`events.${context}.paid.o-1`);
    expect(stored?.json()).toEqual({ orderId: 'o-1', amountCents: 5 });
    expect(Object.fromEntries([...(stored?.header ?? [])].map(([name, [value]]) => [name, value]))).toEqual({
      'Nats-Msg-Id': result.messageId,
      'ce-specversion': '1.0',
      'ce-id': result.messageId,
      'ce-source': 'billing',
      'ce-type': `${context}.paid`,
      'ce-eventversion': '1',
      'ce-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      'ce-subject': 'o-1',
      'content-type': 'application/json',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/) as string,
      tenant: 'eu',
    });
  });

  it('refuses an invalid event with every violation, before anything is sent', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus, connection } = await startApp({ url: server.url });
    const wrong = new OrderPaid({ orderId: 'o-1', amountCents: -1.5, note: 7 as never });
    const error = await bus.publish(wrong).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ContractViolationError);
    expect(error).toMatchObject({ code: 'EVENT_INVALID' });
    expect(
      (error as ContractViolationError).violations
        .map(({ path, constraint }) => `${path} ${constraint}`)
        .sort(),
    ).toEqual(['amountCents isInt', 'amountCents isPositive', 'note isString']);
    const stream = await connection.streams.find(`EVENTS_${context}`);
    expect(stream?.state.messages ?? 0).toBe(0);
  });

  it('takes a class and its fields in place of an instance', async () => {
    const context = freshContext();
    const { bus } = await startApp({ url: server.url });
    await expect(bus.publish(paidEvent(context), { orderId: 'o', amountCents: 1 })).resolves.toMatchObject({
      sequence: 1,
    });
    await expect(bus.publish({ orderId: 'o' })).rejects.toMatchObject({ code: 'CONTRACT_UNKNOWN' });
  });

  it('refuses what the application has not said it publishes, before anything is sent', async () => {
    const context = freshContext();
    const [OrderPaid, Other] = [paidEvent(context), paidEvent(freshContext())];
    const { bus, connection } = await startApp({ url: server.url, events: { publishes: [OrderPaid] } });
    await bus.publish(new OrderPaid({ orderId: 'o-1', amountCents: 5 }));
    const fields = { orderId: 'o-2', amountCents: 5 };
    await expect(bus.publish(new Other(fields))).rejects.toMatchObject({ code: 'EVENT_UNDECLARED' });
    await expect(bus.publish(new OrderPaid(fields), { delay: '1s' })).rejects.toMatchObject({
      code: 'EVENT_UNDECLARED',
      details: { type: `${context}.paid`, delayed: true },
    });
    const { state } = await connection.jsm.streams.info(`EVENTS_${context}`);
    expect(state.messages).toBe(1);
  });

  it('makes what publishing the declared events needs as it starts', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const publishes = [{ event: OrderPaid, delayed: true }];
    const { connection } = await startApp({ url: server.url, events: { publishes } });
    const { config } = await connection.jsm.streams.info(`EVENTS_${context}`);
    expect(config.sources?.map(({ name }) => name)).toEqual(['MILLRACE_DELAYED']);
    const { bus } = await startApp({ url: server.url, events: { publishes, provision: 'bind' } });
    await bus.publish(new OrderPaid({ orderId: 'o-1', amountCents: 5 }), { delay: '1m' });
  });

  it('stores one event for two publishes with one message id', async () => {
    const OrderPaid = paidEvent(freshContext());
    const { bus } = await startApp({ url: server.url });
    const event = new OrderPaid({ orderId: 'o', amountCents: 1 });
    const first = await bus.publish(event, { messageId: 'payment-1' });
    const second = await bus.publish(event, { messageId: 'payment-1' });
    expect(first.duplicate).toBe(false);
    expect(second).toEqual({ ...first, duplicate: true });
  });

  it('carries any string as a key', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const keys = [
      '',
      ' ',
      '_',
      'a b',
      'a.b',
      '*',
      '>',
      'a.*.>',
      '=20',
      '🦊',
      'ключ',
      '\n\t',
      'k'.repeat(10_240),
      '🦊'.repeat(2_000),
    ];
    const seen = new Map<string, string | undefined>();
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(
      OrderPaid,
      (event, message: EventMessage<Paid>) => void seen.set(event.orderId, message.key),
      { group: 'keys' },
    );
    await Promise.all(keys.map((orderId) => bus.publish(new OrderPaid({ orderId, amountCents: 1 }))));
    await until('every key to arrive', () => seen.size === keys.length);
    for (const key of keys) expect(seen.get(key)).toBe(key);
  });

  it('refuses an event larger than the server takes, and the connection survives', async () => {
    const OrderPaid = paidEvent(freshContext());
    const { bus } = await startApp({ url: server.url });
    const huge = new OrderPaid({ orderId: 'o', amountCents: 1, note: 'x'.repeat(2_000_000) });
    await expect(bus.publish(huge)).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' });
    await expect(bus.publish(new OrderPaid({ orderId: 'o', amountCents: 1 }))).resolves.toMatchObject({
      sequence: 1,
    });
  });

  it('waits out a disconnect and stores each event once', async () => {
    const own = await startNatsServer();
    try {
      const OrderPaid = paidEvent(freshContext());
      const { bus, connection } = await startApp({ url: own.url, nats: { publish: { deadline: '20s' } } });
      await bus.publish(new OrderPaid({ orderId: 'before', amountCents: 1 }));
      await own.kill('SIGKILL');
      const publishing = Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          bus.publish(new OrderPaid({ orderId: `o${i}`, amountCents: 1 })),
        ),
      );
      await own.restart();
      await publishing;
      const stream = await connection.streams.find(
        'EVENTS_' + (await publishing)[0]!.stream.slice('EVENTS_'.length),
      );
      expect(stream?.state.messages).toBe(51);
    } finally {
      await closeApps();
      await own.stop();
    }
  }, 30_000);

  it('fails within its deadline while NATS is away, and says whether the event may be stored', async () => {
    const own = await startNatsServer();
    try {
      const OrderPaid = paidEvent(freshContext());
      const { bus, connection } = await startApp({ url: own.url, nats: { publish: { deadline: '600ms' } } });
      await bus.publish(new OrderPaid({ orderId: 'before', amountCents: 1 }));
      await own.kill('SIGKILL');
      await until('the loss to be noticed', () => connection.health.current.state === 'reconnecting');
      const error: unknown = await bus
        .publish(new OrderPaid({ orderId: 'o', amountCents: 1 }))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PublishError);
      expect(error).toMatchObject({ code: 'PUBLISH_TIMEOUT', mayBeStored: false });
    } finally {
      await closeApps();
      await own.stop();
    }
  }, 30_000);

  it('holds a delayed event back, durable, until it is due, and delivers it once', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const arrived: { at: number; message: EventMessage<Paid> }[] = [];
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(OrderPaid, (_, message) => void arrived.push({ at: Date.now(), message }), {
      group: 'late',
    });
    const published = Date.now();
    const { messageId } = await bus.publish(new OrderPaid({ orderId: 'o', amountCents: 1 }), {
      delay: '1500ms',
    });
    await bus.publish(new OrderPaid({ orderId: 'o', amountCents: 1 }), { delay: '1500ms', messageId });
    await until('the event to come due', () => arrived.length > 0);
    expect(arrived[0]!.at - published).toBeGreaterThanOrEqual(1500);
    expect(arrived[0]!.message).toMatchObject({
      id: messageId,
      key: 'o',
      subject: `events.${context}.paid.o`,
    });
    await bus.publish(new OrderPaid({ orderId: 'last', amountCents: 1 }));
    await until('the event after it', () => arrived.some(({ message }) => message.key === 'last'));
    expect(arrived).toHaveLength(2);
  });

  it('lets the server delete an event after its ttl, a delayed one counted from when it is due', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus, connection } = await startApp({ url: server.url });
    const { stream } = await bus.publish(new OrderPaid({ orderId: 'kept', amountCents: 1 }));
    await bus.publish(new OrderPaid({ orderId: 'gone', amountCents: 1 }), { ttl: '1s' });
    await bus.publish(new OrderPaid({ orderId: 'late', amountCents: 1 }), { ttl: '1s', delay: '1s' });
    const count = async (): Promise<number> => (await connection.streams.find(stream))?.state.messages ?? -1;
    expect(await count()).toBe(2);
    await until(
      'the delayed event to arrive',
      async () => (await connection.streams.find(stream))?.state.last_seq === 3,
    );
    await until('both to expire', async () => (await count()) === 1);
    expect((await connection.jsm.streams.getMessage(stream, { seq: 1 }))?.subject).toBe(
      `events.${context}.paid.kept`,
    );
  });

  it('publishes several, all validated before the first is sent', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus, connection } = await startApp({ url: server.url });
    const good = new OrderPaid({ orderId: 'a', amountCents: 1 });
    await expect(
      bus.publishAll([good, new OrderPaid({ orderId: 'b', amountCents: 0 })]),
    ).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect((await connection.streams.find(`EVENTS_${context}`))?.state.messages ?? 0).toBe(0);
    await expect(
      bus.publishAll([good, new OrderPaid({ orderId: 'b', amountCents: 2 })]),
    ).resolves.toHaveLength(2);
  });

  it('names the events of a publishAll that were not stored', async () => {
    const OrderPaid = paidEvent(freshContext());
    const { bus } = await startApp({ url: server.url });
    const huge = new OrderPaid({ orderId: 'b', amountCents: 1, note: 'x'.repeat(2_000_000) });
    const good = new OrderPaid({ orderId: 'a', amountCents: 1 });
    const error = await bus.publishAll([good, huge, good]).catch((thrown: unknown) => thrown);
    expect(MillraceError.is(error, 'PUBLISH_INCOMPLETE') && error.details['failed']).toEqual([1]);
  });

  it('continues the trace of the event being handled', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    @Event(`${context}.noted`)
    class Noted {
      @IsString() text!: string;
    }
    const traces: (string | undefined)[] = [];
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(Noted, (_, { traceparent }) => void traces.push(traceparent), { group: 'noted' });
    await bus.subscribe(
      OrderPaid,
      async (_, { traceparent }) => {
        traces.push(traceparent);
        await bus.publish(Noted, { text: 'n' });
      },
      { group: 'paid' },
    );
    await bus.publish(new OrderPaid({ orderId: 'o', amountCents: 1 }));
    await until('both handlers', () => traces.length === 2);
    const [first = '', second = ''] = traces as string[];
    expect(second.slice(0, 36)).toBe(first.slice(0, 36));
    expect(second).not.toBe(first);
  });

  it('continues the trace of what runs it, as an HTTP request', async () => {
    const OrderPaid = paidEvent(freshContext());
    const traces: (string | undefined)[] = [];
    const { bus } = await startApp({ url: server.url });
    const trace = childTrace(undefined);
    await withTrace(trace, async () => {
      await bus.subscribe(OrderPaid, (_, { traceparent }) => void traces.push(traceparent), {
        group: 'paid',
      });
      await bus.publish(new OrderPaid({ orderId: 'o', amountCents: 1 }));
    });
    await until('the handler', () => traces.length === 1);
    expect(traces[0]).not.toBe(trace);
    expect(traceIdOf(traces[0])).toBe(traceIdOf(trace));
  });

  it('begins a trace of its own for an event without one, whatever began the subscription', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const traces: (string | undefined)[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    const trace = childTrace(undefined);
    await withTrace(trace, () =>
      bus.subscribe(
        OrderPaid,
        async ({ orderId }, { traceparent }) => {
          traces.push(traceparent);
          if (orderId === 'bare') await bus.publish(new OrderPaid({ orderId: 'after', amountCents: 1 }));
        },
        { group: 'paid' },
      ),
    );
    connection.nc.publish(`events.${context}.paid.bare`, JSON.stringify({ orderId: 'bare', amountCents: 1 }));
    await until('both', () => traces.length === 2);
    expect(traces[0]).toBeUndefined();
    expect(traceIdOf(traces[1])).toBeDefined();
    expect(traceIdOf(traces[1])).not.toBe(traceIdOf(trace));
  });

  it('is seen by a bare subscriber as plain JSON', async () => {
    const context = freshContext();
    const nc = await connect({ servers: server.url });
    try {
      const jsm = await jetstreamManager(nc);
      const seen: unknown[] = [];
      nc.subscribe(`events.${context}.>`, {
        callback: (_, message) => void seen.push([message.subject, message.json()]),
      });
      await nc.flush();
      const { bus } = await startApp({ url: server.url });
      await bus.publish(paidEvent(context), { orderId: 'o 1', amountCents: 3 });
      await until('the plain subscriber', () => seen.length === 1);
      expect(seen).toEqual([[`events.${context}.paid.o=201`, { orderId: 'o 1', amountCents: 3 }]]);
      expect((await jsm.streams.info(`EVENTS_${context}`)).config.subjects).toEqual([
        `events.${context}.*.*`,
      ]);
    } finally {
      await nc.close();
    }
  });
});
