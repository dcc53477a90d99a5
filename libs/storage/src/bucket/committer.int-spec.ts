import { headers } from '@nats-io/transport-node';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { childTrace, MillraceConnection, traceIdOf, withTrace } from '@millrace/core';
import { handling } from '../handling.fixture.js';
import {
  awaitEvents,
  connectTo,
  counted,
  Counter,
  counter,
  deleteStreams,
  eventsOf,
  noted,
  openBucket,
  profile,
} from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

let server: NatsServer;
let connection: MillraceConnection;
let counters: JetStreamBucket<Counter>;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  counters = await openBucket(connection, Counter);
});

const increment = (bucket: JetStreamBucket<Counter>, key: string): Promise<unknown> =>
  bucket.commit(key, (current) => {
    const total = (current?.value.total ?? 0) + 1;
    return { state: counter(total), events: [counted(key, total)] };
  });

const lastSequence = async (): Promise<number> =>
  (await connection.jsm.streams.info('KV_counters')).state.last_seq;

describe('commit', () => {
  it('stores the state and relays its events, whole and in order', async () => {
    const result = await counters.commit('a b', () => ({
      state: counter(7),
      events: [counted('a b', 7), noted('first'), noted('second')],
    }));
    expect(await counters.get('a b')).toMatchObject({ revision: result.revision, value: { total: 7 } });
    expect(result.value).toBeInstanceOf(Counter);
    const [event] = await awaitEvents(connection, 'counter', 1);
    expect(event).toMatchObject({
      subject: 'events.counter.counted.a=20b',
      body: { counter: 'a b', total: 7 },
      headers: {
        'ce-id': result.eventIds[0],
        'Nats-Msg-Id': result.eventIds[0],
        'ce-type': 'counter.counted',
        'ce-source': 'storage-test',
        'ce-subject': 'a%20b',
        'content-type': 'application/json',
        traceparent: expect.any(String),
      },
    });
    const notes = await awaitEvents(connection, 'audit', 2);
    expect(notes.map(({ subject }) => subject)).toEqual(['events.audit.noted._', 'events.audit.noted._']);
    expect(notes.map(({ headers }) => headers['ce-id'])).toEqual(result.eventIds.slice(1));
  });

  it('lets events continue the trace of what commits them', async () => {
    const commit = (key: string) =>
      counters.commit(key, () => ({ state: counter(1), events: [counted(key, 1)] }));
    const [request, event] = [childTrace(undefined), childTrace(undefined)];
    await withTrace(request, () => commit('a'));
    await handling({ id: 'm', traceparent: event }, () => commit('b'));
    await commit('c');
    const events = await awaitEvents(connection, 'counter', 3);
    const traces = events.map(({ headers }) => traceIdOf(headers['traceparent']));
    expect(traces.slice(0, 2)).toEqual([traceIdOf(request), traceIdOf(event)]);
    expect(new Set(traces).size).toBe(3);
    expect(traces).not.toContain(undefined);
  });

  it('relays events without a time to live and without what made them one batch', async () => {
    await increment(counters, 'a');
    const [event] = await awaitEvents(connection, 'counter', 1);
    const names = Object.keys(event?.headers ?? {}).filter((name) => name.startsWith('Nats-'));
    expect(names.sort()).toEqual(['Nats-Msg-Id', 'Nats-Stream-Source']);
  });

  it('writes state alone, deletes alone, and events alone', async () => {
    const written = await counters.commit('a', () => ({ state: counter(1) }));
    const announced = await counters.commit('a', () => ({ events: [counted('a', 1)] }));
    expect(announced).toMatchObject({ revision: written.revision, value: { total: 1 } });
    await awaitEvents(connection, 'counter', 1);
    const deleted = await counters.commit('a', () => ({ state: null }));
    expect(deleted.value).toBeUndefined();
    expect(await counters.get('a')).toBeUndefined();
  });

  it('deletes together with its event, and creates over the deletion', async () => {
    await increment(counters, 'a');
    await counters.commit('a', () => ({ state: null, events: [noted('gone')] }));
    expect(await counters.has('a')).toBe(false);
    await awaitEvents(connection, 'audit', 1);
    await increment(counters, 'a');
    expect(await counters.get('a')).toMatchObject({ value: { total: 1 } });
  });

  it('writes nothing when nothing was decided', async () => {
    const { revision } = await counters.commit('a', () => ({ state: counter(1) }));
    const before = await lastSequence();
    expect(await counters.commit('a', () => ({}))).toMatchObject({ revision, eventIds: [] });
    await counters.commit('other', () => ({ state: null }));
    expect(await lastSequence()).toBe(before);
  });
});

describe('a commit that fails writes neither state nor events', () => {
  /** Why `commit` failed, having written nothing. */
  const refusal = async (commit: Promise<unknown>): Promise<unknown> => {
    const outcome = await commit.then(
      () => 'it did not fail',
      (error: unknown) => error,
    );
    return (await lastSequence()) === 0 ? outcome : 'something was written';
  };

  it('when its function throws', async () => {
    const cause = new Error('not like this');
    const commit = counters.commit('a', () => {
      throw cause;
    });
    expect(await refusal(commit)).toBe(cause);
  });

  it('when the state is invalid', async () => {
    const decision = { state: counter(0.5), events: [counted('a', 1)] };
    expect(await refusal(counters.commit('a', () => decision))).toMatchObject({ code: 'VALUE_INVALID' });
  });

  it('when one of its events is invalid', async () => {
    const decision = { state: counter(1), events: [counted('a', 1), counted('a', 0.5)] };
    expect(await refusal(counters.commit('a', () => decision))).toMatchObject({ code: 'EVENT_INVALID' });
  });

  it('when the bucket does not declare one of its events', async () => {
    const decision = { state: counter(1), events: [counted('a', 1), profile('Ann')] };
    expect(await refusal(counters.commit('a', () => decision))).toMatchObject({
      code: 'CONTRACT_UNKNOWN',
      details: { bucket: 'counters', class: 'Profile' },
    });
  });

  it('when one of its events is too large', async () => {
    const decision = { state: counter(1), events: [noted('x'.repeat(2 ** 20))] };
    expect(await refusal(counters.commit('a', () => decision))).toMatchObject({ code: 'EVENT_TOO_LARGE' });
  });

  it('when it has more events than a batch takes', async () => {
    const events = Array.from({ length: 1000 }, () => noted('x'));
    expect(await refusal(counters.commit('a', () => ({ state: counter(1), events })))).toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('commits that race', () => {
  it('decides anew on what another writer wrote, and stores nothing of the first decision', async () => {
    await counters.put('a', counter(10));
    const seen: number[] = [];
    await counters.commit('a', async (current) => {
      const total = current?.value.total ?? 0;
      seen.push(total);
      if (seen.length === 1) await counters.put('a', counter(20));
      return { state: counter(total + 1), events: [counted('a', total + 1)] };
    });
    expect(seen).toEqual([10, 20]);
    expect(await counters.get('a')).toMatchObject({ value: { total: 21 } });
    const events = await awaitEvents(connection, 'counter', 1);
    expect(events.map(({ body }) => body)).toEqual([{ counter: 'a', total: 21 }]);
  });

  it('does not emit events about a state that is no more', async () => {
    await counters.put('a', counter(1));
    const seen: number[] = [];
    await counters.commit('a', async (current) => {
      const total = current?.value.total ?? 0;
      seen.push(total);
      if (seen.length === 1) await counters.put('a', counter(2));
      return { events: [counted('a', total), noted(`saw ${total}`)] };
    });
    expect(seen).toEqual([1, 2]);
    await awaitEvents(connection, 'audit', 1);
    const events = await awaitEvents(connection, 'counter', 1);
    expect(events.map(({ body }) => body)).toEqual([{ counter: 'a', total: 2 }]);
  });

  it('gives up with REVISION_CONFLICT when others keep coming first', async () => {
    let rival = 0;
    const commit = counters.commit('a', async () => {
      rival = await counters.put('a', counter(1));
      return { state: counter(2), events: [counted('a', 2)] };
    });
    await expect(commit).rejects.toMatchObject({ code: 'REVISION_CONFLICT', bucket: 'counters', key: 'a' });
    expect(await counters.get('a')).toMatchObject({ revision: rival, value: { total: 1 } });
    expect(await eventsOf(connection, 'counter')).toEqual([]);
  });

  it('counts exactly, with one event for each increment, from several processes at once', async () => {
    const others = await Promise.all([connectTo(server.url), connectTo(server.url)]);
    const buckets = [counters, ...(await Promise.all(others.map((other) => openBucket(other, Counter))))];
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => increment(buckets[at % buckets.length] ?? counters, 'a')),
    );
    expect(await counters.get('a')).toMatchObject({ value: { total: 60 } });
    const events = await awaitEvents(connection, 'counter', 60);
    expect(events.map(({ body }) => body)).toEqual(
      Array.from({ length: 60 }, (_, at) => ({ counter: 'a', total: at + 1 })),
    );
    await Promise.all(others.map((other) => other.close()));
  });

  it('finishes two hundred at once, although the server takes fifty open batches', async () => {
    const keys = Array.from({ length: 200 }, (_, at) => `key-${at}`);
    await Promise.all(keys.map((key) => increment(counters, key)));
    const events = await awaitEvents(connection, 'counter', keys.length);
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(keys.length);
  });

  it('finishes although other processes hold most of the open batches', async () => {
    const { nc } = connection;
    const held = Array.from({ length: 49 }, (_, at) => `held-${at}`);
    for (const id of held) {
      const open = headers();
      open.set('Nats-Batch-Id', id);
      open.set('Nats-Batch-Sequence', '1');
      nc.publish('outbox.counters.audit.noted._.held', '{}', { headers: open });
    }
    await Promise.all(Array.from({ length: 10 }, (_, at) => increment(counters, `key-${at}`)));
    const events = await awaitEvents(connection, 'counter', 10);
    expect(events).toHaveLength(10);
  });
});
