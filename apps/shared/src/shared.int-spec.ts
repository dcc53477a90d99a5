import { EventBus } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import { startApp, type TestApp, testConfig, until } from '@millrace-apps/shared/testing';
import { ShopConfig, ShopModule, Sold, Till } from './shared.fixture.js';

let server: NatsServer;
let app: TestApp;

beforeAll(async () => {
  server = await startNatsServer();
  app = await startApp(ShopModule, testConfig(ShopConfig, server, { LOG_LEVEL: 'error' }));
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await server?.stop();
});

describe('HTTP', () => {
  it('answers what breaks its class with every violation by path', async () => {
    const body = { lines: [{ quantity: 1 }, { quantity: 0 }], surprise: true };
    const answer = await app.request('POST', '/baskets', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      statusCode: 400,
      code: 'REQUEST_INVALID',
      message: 'The request is not valid',
      violations: [
        {
          path: 'surprise',
          constraint: 'whitelistValidation',
          message: 'property surprise should not exist',
        },
        { path: 'owner', constraint: 'isString', message: 'owner must be a string' },
        { path: 'lines.1.quantity', constraint: 'min', message: 'quantity must not be less than 1' },
      ],
    });
  });

  it.each([
    ['text that is not JSON', '{"owner":', 400, 'BAD_REQUEST'],
    ['a body that is too large', JSON.stringify({ owner: 'x'.repeat(200_000) }), 413, 'PAYLOAD_TOO_LARGE'],
  ])('answers %s', async (_what, text, status, code) => {
    const answer = await app.request('POST', '/baskets', text);
    expect(answer).toMatchObject({ status, body: { statusCode: status, code } });
  });

  it('answers an unknown path with 404', async () => {
    expect(await app.request('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('answers a bug with 500, and shows nothing of it', async () => {
    expect(await app.request('GET', '/bug')).toMatchObject({
      status: 500,
      body: { statusCode: 500, code: 'INTERNAL', message: 'Something went wrong' },
    });
  });

  it('describes its API', async () => {
    const { body } = await app.request('GET', '/docs-json');
    expect(body).toMatchObject({ info: { title: 'Millrace: shop' } });
    expect(Object.keys((body as { paths: object }).paths)).toEqual(
      expect.arrayContaining(['/baskets', '/health', '/health/live', '/health/ready']),
    );
    expect((await fetch(`${app.url}/docs`)).status).toBe(200);
  });
});

describe('subscribers beside the global request pipe', () => {
  it('take an event that says more than they know: its publisher may be newer', async () => {
    const extended = { item: 'extended', fate: 'is taken', addedInVersion2: 1 };
    app.connection.nc.publish('events.shop.sold.extended', JSON.stringify(extended));
    const seen = await until('it is taken', () =>
      app.get(Till).seen.find(({ event }) => event.item === 'extended'),
    );
    expect(seen).toMatchObject({ event: extended, attempt: 1 });
  });
});

describe('the audit', () => {
  const records: { subject: string; record: Record<string, unknown> }[] = [];
  const of = (subject: string, fields: Record<string, unknown>): Record<string, unknown>[] =>
    records
      .filter(
        (entry) =>
          entry.subject === subject &&
          Object.entries(fields).every(([name, value]) => entry.record[name] === value),
      )
      .map(({ record }) => record);

  beforeAll(() => {
    app.connection.nc.subscribe('audit.>', {
      callback: (_error, message) => {
        records.push({ subject: message.subject, record: message.json<Record<string, unknown>>() });
      },
    });
  });

  it('tells of every publish, and of one that was stored already', async () => {
    const bus = app.get(EventBus);
    const event = new Sold({ item: 'cup', fate: 'is taken' });
    const { sequence } = await bus.publish(event, { messageId: 'cup-1' });
    await bus.publish(event, { messageId: 'cup-1' });
    const published = await until('both are told of', () => {
      const found = of('audit.shop.published', { messageId: 'cup-1' });
      return found.length === 2 && found;
    });
    const common = {
      at: expect.any(Number),
      app: 'shop',
      type: 'shop.sold',
      messageId: 'cup-1',
      stream: 'EVENTS_shop',
      sequence,
      ms: expect.any(Number),
    };
    expect(published).toEqual([
      { ...common, duplicate: false },
      { ...common, duplicate: true },
    ]);
  });

  it('tells how every delivery ended, and never shows the body', async () => {
    const bus = app.get(EventBus);
    for (const fate of ['is taken', 'fails once', 'fails for good']) {
      await bus.publish(new Sold({ item: fate, fate }), { messageId: fate });
    }
    const handled = await until('all are told of', () => {
      const found = ['is taken', 'fails once', 'fails for good'].flatMap((id) =>
        of('audit.shop.handled', { id }),
      );
      return found.length === 4 && found;
    });
    const common = {
      at: expect.any(Number),
      ms: expect.any(Number),
      app: 'shop',
      group: 'till',
      type: 'shop.sold',
      source: 'shop',
    };
    const place = { stream: 'EVENTS_shop', sequence: expect.any(Number) };
    const record = (id: string, fields: object): object => ({ ...common, ...place, id, key: id, ...fields });
    expect(handled).toEqual([
      record('is taken', { attempt: 1, outcome: 'ack' }),
      record('fails once', { attempt: 1, outcome: 'retry', cause: 'not yet' }),
      record('fails once', { attempt: 2, outcome: 'ack' }),
      record('fails for good', {
        attempt: 1,
        outcome: 'dead-letter',
        cause: expect.stringContaining('never'),
      }),
    ]);
  });

  it('tells of a message that no handler saw', async () => {
    app.connection.nc.publish('events.shop.sold.broken', 'not JSON');
    const [record] = await until('it is told of', () => {
      const found = of('audit.shop.handled', { key: 'broken' });
      return found.length > 0 && found;
    });
    expect(record).toMatchObject({ outcome: 'dead-letter', source: 'nats', attempt: 1 });
  });
});

describe('health', () => {
  const ready = { app: 'shop', status: 'ready', started: true, nats: { state: 'connected' } };

  it('is ready once started', async () => {
    expect(await app.request('GET', '/health/ready')).toMatchObject({ status: 200, body: ready });
    expect(await app.request('GET', '/health')).toMatchObject({ status: 200, body: ready });
  });

  it('lives on without NATS, but is not ready until it is back', async () => {
    await server.kill();
    const answer = await until('it is not ready', async () => {
      const found = await app.request('GET', '/health/ready');
      return found.status === 503 && found;
    });
    expect(answer.body).toMatchObject({
      code: 'NOT_READY',
      status: 'not-ready',
      nats: { state: 'reconnecting' },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await app.request('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await app.request('GET', '/health')).toMatchObject({ status: 200, body: { status: 'not-ready' } });
    await server.restart();
    await until('it is ready again', async () => (await app.request('GET', '/health/ready')).status === 200);
  }, 30_000);
});
