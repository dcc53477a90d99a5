import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, until } from './app.fixture.js';
import { eventNamed, Paid, paidEvent } from './contracts.fixture.js';

const event: Paid = { orderId: 'a', amountCents: 1 };
const ignore = (): void => undefined;

describe('provisioning', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  it('makes the streams of the contexts that are declared', async () => {
    const context = freshContext();
    const { connection } = await startApp({
      url: server.url,
      events: { contexts: { '*': { maxAge: '2d' }, [context]: { storage: 'memory', maxBytes: 1_000_000 } } },
    });
    const { config } = await connection.jsm.streams.info(`EVENTS_${context}`);
    expect(config).toMatchObject({
      storage: 'memory',
      max_bytes: 1_000_000,
      discard: 'new',
      max_age: 2 * 86_400e9,
    });
  });

  it('updates what is declared, and leaves alone what is not', async () => {
    const context = freshContext();
    const first = await startApp({
      url: server.url,
      events: { contexts: { [context]: { maxAge: '1d', maxBytes: 5_000_000 } } },
    });
    await startApp({ url: server.url, events: { contexts: { [context]: { maxAge: '3d' } } } });
    const { config } = await first.connection.jsm.streams.info(`EVENTS_${context}`);
    expect(config).toMatchObject({ max_age: 3 * 86_400e9, max_bytes: 5_000_000 });
  });

  it('refuses what cannot be updated, and says what differs and what to do', async () => {
    const context = freshContext();
    await startApp({ url: server.url, events: { contexts: { [context]: { storage: 'file' } } } });
    const refused = startApp({ url: server.url, events: { contexts: { [context]: { storage: 'memory' } } } });
    await expect(refused).rejects.toMatchObject({
      code: 'PROVISION_CONFLICT',
      details: {
        what: `Stream EVENTS_${context}`,
        differences: [{ field: 'storage', declared: 'memory', existing: 'file' }],
      },
    });
  });

  it("only checks under provision: 'bind'", async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const bound = await startApp({ url: server.url, events: { provision: 'bind' } });
    await expect(bound.bus.publish(OrderPaid, event)).rejects.toMatchObject({ code: 'PROVISION_MISSING' });
    const maker = await startApp({ url: server.url });
    await maker.bus.publish(OrderPaid, event);
    await maker.bus.subscribe(OrderPaid, ignore, { group: 'made' });
    await expect(bound.bus.publish(OrderPaid, event)).resolves.toMatchObject({ sequence: 2 });
    await expect(bound.bus.subscribe(OrderPaid, ignore, { group: 'missing' })).rejects.toMatchObject({
      code: 'PROVISION_MISSING',
    });
    await expect(
      bound.bus.subscribe(OrderPaid, ignore, { group: 'made', ackWait: '1s' }),
    ).rejects.toMatchObject({ code: 'PROVISION_CONFLICT' });
    await expect(bound.bus.subscribe(OrderPaid, ignore, { group: 'made' })).resolves.toBeDefined();
  });

  it('brings an existing group in line with its declaration, its place kept', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const seen: string[] = [];
    const { bus, connection } = await startApp({ url: server.url });
    await (await bus.subscribe(OrderPaid, ignore, { group: 'g' })).unsubscribe();
    await bus.publish(OrderPaid, event);
    const wider = await bus.subscribe(`${context}.*`, (_, { type }) => void seen.push(type), {
      group: 'g',
      ackWait: '5s',
    });
    await bus.publish(eventNamed(`${context}.other`), { orderId: 'b' });
    await until('both', () => seen.length === 2);
    const { config } = await connection.jsm.consumers.info(`EVENTS_${context}`, 'g');
    expect(config).toMatchObject({ filter_subject: `events.${context}.*.*`, ack_wait: 5e9 });
    await wider.unsubscribe();
  });

  it('refuses to move a group to another start, or to take one of another application', async () => {
    const OrderPaid = paidEvent(freshContext());
    const { bus } = await startApp({ url: server.url });
    await (await bus.subscribe(OrderPaid, ignore, { group: 'g' })).unsubscribe();
    await expect(bus.subscribe(OrderPaid, ignore, { group: 'g', from: 'new' })).rejects.toMatchObject({
      code: 'PROVISION_CONFLICT',
      details: { differences: [{ field: 'from', declared: 'new', existing: 'beginning' }] },
    });
    const stranger = await startApp({ url: server.url, name: 'stranger' });
    await expect(stranger.bus.subscribe(OrderPaid, ignore, { group: 'g' })).rejects.toMatchObject({
      code: 'PROVISION_CONFLICT',
      details: { differences: [{ field: 'app', declared: 'stranger', existing: 'shop' }] },
    });
  });

  it('fails to start with a remedy where the server cannot do it', async () => {
    const started = startApp({
      url: server.url,
      events: { contexts: { [freshContext()]: { replicas: 3 } } },
    });
    await expect(started).rejects.toMatchObject({ code: 'PROVISION_FAILED' });
  });

  it('refuses to publish into a full stream, and drops nothing', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const { bus, connection } = await startApp({
      url: server.url,
      events: { contexts: { [context]: { maxBytes: 4096 } } },
    });
    const fill = async (): Promise<void> => {
      for (;;) await bus.publish(OrderPaid, event);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'PUBLISH_REJECTED' });
    expect((await connection.streams.find(`EVENTS_${context}`))!.state.first_seq).toBe(1);
  });
});
