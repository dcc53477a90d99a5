import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { DiscardPolicy, RetentionPolicy } from '@nats-io/jetstream';
import { NatsServer } from '@millrace/nats-server';
import { NatsModuleOptions } from '../connection/nats-options.js';
import { MillraceConnection } from '../connection/nats.connection.js';
import { PublishError } from '../errors/millrace.error.js';
import { HeaderName } from '../headers/header-names.js';
import { resources, timed, until } from '../server.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { PublishRequest, StoredAck } from './publish.request.js';

const { start, open, onRelease, release } = resources();
afterEach(release, 60_000);

const STREAM = 'EVENTS';

const setUp = async (
  publish: NatsModuleOptions['publish'] = {},
): Promise<{ server: NatsServer; connection: MillraceConnection }> => {
  const server = await start();
  const connection = await open({ servers: server.url, publish });
  await connection.jsm.streams.add({
    name: STREAM,
    subjects: ['events.>'],
    retention: RetentionPolicy.Limits,
  });
  return { server, connection };
};

const request = (id: string, more: Partial<PublishRequest> = {}): PublishRequest => {
  const headers = createHeaders();
  headers.set(HeaderName.MessageId, id);
  return { subject: 'events.a.b.c', payload: Buffer.from(id), headers, ...more };
};

/** The ids of all stored messages, in stored order. */
const storedIds = async ({ js, jsm }: MillraceConnection): Promise<string[]> => {
  const { messages } = (await jsm.streams.info(STREAM)).state;
  if (messages === 0) return [];
  const consumer = await js.consumers.get(STREAM);
  const ids: string[] = [];
  for await (const message of await consumer.consume()) {
    ids.push(message.headers?.get(HeaderName.MessageId) ?? '');
    if (ids.length === messages) break;
  }
  return ids;
};

const lost = ({ health }: MillraceConnection): Promise<void> =>
  until('the loss to be seen', () => health.current.state === 'reconnecting');

const outcome = async (publishing: Promise<StoredAck>): Promise<unknown> => {
  const error = await rejectionOf(publishing);
  if (!(error instanceof PublishError)) throw error;
  return [error.code, error.mayBeStored];
};

it('stores each of 10,000 messages exactly once, in order, through a window of 64', async () => {
  const { connection } = await setUp({ maxInFlight: 64, deadline: '60s' });
  const ids = Array.from({ length: 10_000 }, (_, at) => `m-${at}`);
  const acks = await Promise.all(ids.map((id) => connection.publisher.publish(request(id))));
  expect(acks.map(({ sequence }) => sequence)).toEqual(ids.map((_, at) => at + 1));
  expect(acks.filter(({ duplicate, stream }) => duplicate || stream !== STREAM)).toEqual([]);
  expect(await storedIds(connection)).toEqual(ids);
  expect(connection.publisher.backlog).toBe(0);
}, 120_000);

it('has never more unconfirmed than its window', async () => {
  const server = await start();
  const connection = await open({
    servers: server.url,
    publish: { maxInFlight: 16, deadline: '30s', ackTimeout: '30s' },
  });
  // In place of JetStream, a responder that answers when it likes: it sees what is in flight.
  const responder = await open({ servers: server.url });
  let unanswered = 0;
  let most = 0;
  let sequence = 0;
  responder.nc.subscribe('events.>', {
    callback: (_error, message) => {
      most = Math.max(most, ++unanswered);
      setTimeout(() => {
        unanswered--;
        message.respond(JSON.stringify({ stream: STREAM, seq: ++sequence }));
      }, Math.random() * 5);
    },
  });
  await responder.nc.flush();
  await Promise.all(
    Array.from({ length: 1_000 }, (_, at) => connection.publisher.publish(request(`m-${at}`))),
  );
  expect(most).toBe(16);
}, 60_000);

it('recognises a message id it has stored', async () => {
  const { connection } = await setUp();
  const first = await connection.publisher.publish(request('same'));
  expect(await connection.publisher.publish(request('same'))).toEqual({ ...first, duplicate: true });
  expect(await storedIds(connection)).toEqual(['same']);
}, 60_000);

it('waits while the server is down, and stores once when it is back', async () => {
  const { server, connection } = await setUp({ deadline: '30s', ackTimeout: '500ms' });
  await server.kill();
  const early = connection.publisher.publish(request('before the loss was seen'));
  await lost(connection);
  const late = connection.publisher.publish(request('while down'));
  expect(connection.publisher.backlog).toBe(2);
  await server.restart();
  expect(await Promise.all([early, late])).toMatchObject([{ stream: STREAM }, { stream: STREAM }]);
  expect((await storedIds(connection)).sort()).toEqual(['before the loss was seen', 'while down']);
}, 60_000);

describe('a deadline that passes', () => {
  it('says mayBeStored: false for what was never sent', async () => {
    const { server, connection } = await setUp({ deadline: '500ms' });
    await server.kill();
    await lost(connection);
    const { value, ms } = await timed(() => outcome(connection.publisher.publish(request('unsent'))));
    expect(value).toEqual(['PUBLISH_TIMEOUT', false]);
    expect(ms).toBeLessThan(1_500);
    await server.restart();
    await connection.publisher.publish(request('later', { deadlineMs: 20_000 }));
    expect(await storedIds(connection)).toEqual(['later']);
  }, 60_000);

  it('says mayBeStored: true for what was sent and not answered, and indeed it may be', async () => {
    const { server, connection } = await setUp({ deadline: '500ms' });
    await server.pause();
    expect(await outcome(connection.publisher.publish(request('unanswered')))).toEqual([
      'PUBLISH_TIMEOUT',
      true,
    ]);
    await server.resume();
    await until('it to be stored', async () => (await storedIds(connection)).includes('unanswered'));
    expect(await connection.publisher.publish(request('unanswered', { deadlineMs: 20_000 }))).toMatchObject({
      duplicate: true,
    });
  }, 60_000);

  it('says mayBeStored: false for what was still in line, and never sends it', async () => {
    const { server, connection } = await setUp({ maxInFlight: 1, deadline: '500ms' });
    await server.pause();
    const both = [
      outcome(connection.publisher.publish(request('sent', { deadlineMs: 800 }))),
      outcome(connection.publisher.publish(request('in line'))),
    ];
    expect(await Promise.all(both)).toEqual([
      ['PUBLISH_TIMEOUT', true],
      ['PUBLISH_TIMEOUT', false],
    ]);
    await server.resume();
    await connection.publisher.publish(request('later', { deadlineMs: 20_000 }));
    expect(await storedIds(connection)).toEqual(['sent', 'later']);
  }, 60_000);
});

describe('a refusal', () => {
  it('says that no stream takes the subject, and that nothing was stored', async () => {
    const { connection } = await setUp({ deadline: '1s' });
    const publishing = connection.publisher.publish(request('lost', { subject: 'nobody.takes.this' }));
    expect(await rejectionOf(publishing)).toMatchObject({
      code: 'PUBLISH_NO_STREAM',
      mayBeStored: false,
      message: expect.stringContaining("provision: 'create'"),
      details: { subject: 'nobody.takes.this' },
    });
  }, 60_000);

  it('waits for a stream that is made meanwhile', async () => {
    const { connection } = await setUp();
    const publishing = connection.publisher.publish(request('early', { subject: 'later.a' }));
    await connection.jsm.streams.add({ name: 'LATER', subjects: ['later.>'] });
    expect(await publishing).toMatchObject({ stream: 'LATER', sequence: 1 });
  }, 60_000);

  it('passes the server code of an expectation that does not hold', async () => {
    const { connection } = await setUp();
    const { headers, ...rest } = request('first');
    headers.set(HeaderName.ExpectedLastSubjectSequence, '5');
    expect(await rejectionOf(connection.publisher.publish({ headers, ...rest }))).toMatchObject({
      code: 'PUBLISH_REJECTED',
      serverCode: 10071,
      mayBeStored: false,
    });
  }, 60_000);

  it('fails at once where a stream is full and drops nothing', async () => {
    const { connection } = await setUp();
    await connection.jsm.streams.add({
      name: 'FULL',
      subjects: ['full.>'],
      max_msgs: 1,
      discard: DiscardPolicy.New,
    });
    await connection.publisher.publish(request('fits', { subject: 'full.a' }));
    const { value, ms } = await timed(() =>
      rejectionOf(connection.publisher.publish(request('not', { subject: 'full.a' }))),
    );
    expect(value).toMatchObject({ code: 'PUBLISH_REJECTED', serverCode: 10077, mayBeStored: false });
    expect(ms).toBeLessThan(1_000);
  }, 60_000);

  it('is told at once to a user who may not publish there', async () => {
    const server = await start({
      config: {
        authorization: {
          users: [{ user: 'u', password: 'p', permissions: { publish: { deny: 'events.secret.>' } } }],
        },
      },
    });
    const connection = await open({ servers: server.url, user: 'u', password: 'p' });
    await connection.jsm.streams.add({ name: STREAM, subjects: ['events.>'] });
    const denied = connection.publisher.publish(request('denied', { subject: 'events.secret.x' }));
    const { value, ms } = await timed(() => rejectionOf(denied));
    expect(value).toMatchObject({
      code: 'PUBLISH_REJECTED',
      mayBeStored: false,
      message: expect.stringContaining('permissions'),
    });
    expect(ms).toBeLessThan(1_500);
    expect(await connection.publisher.publish(request('allowed'))).toMatchObject({ sequence: 1 });
  }, 60_000);
});

it('refuses an oversized message, by payload or by headers, and keeps the connection', async () => {
  const { connection } = await setUp();
  const states: string[] = [];
  connection.health.changes.subscribe(({ state }) => states.push(state));
  const limit = connection.nc.info?.max_payload ?? 0;
  const { headers, subject } = request('headers');
  headers.set('x-large', 'x'.repeat(limit));
  for (const large of [
    request('payload', { payload: new Uint8Array(limit + 1) }),
    request('together', { payload: new Uint8Array(limit) }),
    { subject, headers, payload: new Uint8Array() },
  ]) {
    expect(await rejectionOf(connection.publisher.publish(large))).toMatchObject({
      code: 'EVENT_TOO_LARGE',
      details: { limit },
    });
  }
  expect(await connection.publisher.publish(request('small'))).toMatchObject({ sequence: 1 });
  expect(states).toEqual(['connected']);
}, 60_000);

it('takes no answer but JetStream’s, though subscribers answer first', async () => {
  const { server, connection } = await setUp({ ackTimeout: '200ms', deadline: '20s' });
  const meddler = await open({ servers: server.url });
  const bodies = ['ok', '{"half":', '', '{"ok":true}', 'null'];
  let answers = 0;
  for (const body of bodies) {
    meddler.nc.subscribe('later.>', {
      callback: (_error, message) => void (message.respond(body) && answers++),
    });
  }
  await meddler.nc.flush();
  const publishing = connection.publisher.publish(request('m', { subject: 'later.a' }));
  await until('every subscriber to have answered', () => answers >= bodies.length);
  await meddler.nc.flush();
  await connection.jsm.streams.add({ name: 'LATER', subjects: ['later.>'] });
  expect(await publishing).toMatchObject({ stream: 'LATER', sequence: 1 });
  await connection.publisher.publish(request('n', { subject: 'later.a' }));
  expect((await connection.jsm.streams.info('LATER')).state.messages).toBe(2);
}, 60_000);

it('keeps every confirmed message once through SIGKILL of the server in mid-stream', async () => {
  const { server, connection } = await setUp({ maxInFlight: 256, deadline: '60s', ackTimeout: '1s' });
  const confirmed: string[] = [];
  const stopping = new AbortController();
  let made = 0;
  const publishers = Array.from({ length: 64 }, async () => {
    while (!stopping.signal.aborted) {
      const id = `m-${made++}`;
      await connection.publisher.publish(request(id));
      confirmed.push(id);
    }
  });
  for (let kill = 1; kill <= 3; kill++) {
    const before = confirmed.length;
    await until('messages to flow', () => confirmed.length > before + 500);
    await server.restart({ signal: 'SIGKILL' });
  }
  const before = confirmed.length;
  await until('messages to flow again', () => confirmed.length > before + 500);
  stopping.abort();
  await Promise.all(publishers);
  const stored = await storedIds(connection);
  expect(new Set(stored).size).toBe(stored.length);
  expect(new Set(stored)).toEqual(new Set(confirmed));
  expect(confirmed).toHaveLength(made);
}, 120_000);

describe('close', () => {
  it('confirms what is under way first', async () => {
    const { server, connection } = await setUp({ maxInFlight: 8 });
    const publishing = Array.from({ length: 500 }, (_, at) =>
      connection.publisher.publish(request(`m-${at}`)),
    );
    await connection.close();
    expect((await Promise.all(publishing)).map(({ sequence }) => sequence)).toEqual(
      publishing.map((_, at) => at + 1),
    );
    expect(await outcome(connection.publisher.publish(request('late')))).toEqual([
      'CONNECTION_CLOSED',
      false,
    ]);
    const other = await open({ servers: server.url });
    expect((await other.jsm.streams.info(STREAM)).state.messages).toBe(500);
  }, 60_000);

  it('settles everything within its bound while the server is frozen, and stores nothing it called unsent', async () => {
    const { server, connection } = await setUp({ maxInFlight: 8, deadline: '60s', ackTimeout: '60s' });
    await server.pause();
    onRelease(() => server.resume().catch(() => undefined));
    const ids = Array.from({ length: 500 }, () => randomUUID());
    const outcomes = ids.map((id) => outcome(connection.publisher.publish(request(id))));
    const { ms } = await timed(() => connection.publisher.close(1_000));
    expect(ms).toBeGreaterThan(900);
    expect(ms).toBeLessThan(3_000);
    const settled = await Promise.all(outcomes);
    expect(settled.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => ['CONNECTION_CLOSED', true]));
    expect(settled.slice(8)).toEqual(Array.from({ length: 492 }, () => ['CONNECTION_CLOSED', false]));
    await server.resume();
    await until('what was sent to be stored', async () => (await storedIds(connection)).length >= 8);
    // Had one of the others been sent, it would lie before this.
    await connection.js.publish('events.end', 'x', { msgID: 'end' });
    expect(await storedIds(connection)).toEqual([...ids.slice(0, 8), 'end']);
  }, 60_000);
});
