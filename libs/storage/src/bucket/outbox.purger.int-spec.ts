import { DiscardPolicy } from '@nats-io/jetstream';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { bucketDefinitionOf } from '../decorators/bucket.decorator.js';
import { MillraceConnection } from '@millrace/core';
import {
  awaitEvents,
  connectTo,
  counted,
  Counter,
  counter,
  deleteStreams,
  noted,
  openBucket,
  until,
} from '../storage.fixture.js';
import { contextOutbox, relayTarget } from './bucket.subjects.js';
import { JetStreamBucket } from './jetstream.bucket.js';
import { OutboxPurger } from './outbox.purger.js';
import { RecordReader } from './record.reader.js';

let server: NatsServer;
let connection: MillraceConnection;
let counters: JetStreamBucket<Counter>;
let purger: OutboxPurger;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

const newPurger = (everyMs = 3_600_000): OutboxPurger => {
  const stream = 'KV_counters';
  const reader = new RecordReader(connection, { stream, readFrom: 'leader', timeoutMs: 2000 });
  return new OutboxPurger(connection, reader, {
    bucket: bucketDefinitionOf(Counter).name,
    stream,
    contexts: ['counter', 'audit'],
    everyMs,
  });
};

beforeEach(async () => {
  await deleteStreams(connection);
  counters = await openBucket(connection, Counter);
  purger = newPurger();
});

const commit = (key: string, total = 1): Promise<unknown> =>
  counters.commit(key, () => ({ state: counter(total), events: [counted(key, total), noted(key)] }));

const outbox = async (context: string): Promise<number> => {
  const { state } = await connection.jsm.streams.info('KV_counters', {
    subjects_filter: `outbox.counters.${context}.>`,
  });
  return Object.keys(state.subjects ?? {}).length;
};

const detach = async (context: string): Promise<void> => {
  await connection.jsm.streams.update(`EVENTS_${context}`, { sources: [] });
};

const attach = async (context: string): Promise<void> => {
  const transform = { src: contextOutbox('counters', context), dest: relayTarget(context) };
  await connection.jsm.streams.update(`EVENTS_${context}`, {
    sources: [{ name: 'KV_counters', subject_transforms: [transform] }],
  });
};

describe('the outbox', () => {
  it('is emptied of what was relayed, at the second look, and keeps the values', async () => {
    await Promise.all(['a', 'b', 'c'].map((key) => commit(key)));
    await awaitEvents(connection, 'counter', 3);
    await awaitEvents(connection, 'audit', 3);
    await purger.sweep();
    expect([await outbox('counter'), await outbox('audit')]).toEqual([3, 3]);
    await purger.sweep();
    expect([await outbox('counter'), await outbox('audit')]).toEqual([0, 0]);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => counters.has(key)))).toEqual([true, true, true]);
  });

  it('keeps what one context has not taken, while another’s is emptied, and relays it later', async () => {
    await detach('counter');
    await commit('a');
    await awaitEvents(connection, 'audit', 1);
    await purger.sweep();
    await purger.sweep();
    expect([await outbox('counter'), await outbox('audit')]).toEqual([1, 0]);
    await attach('counter');
    await awaitEvents(connection, 'counter', 1);
    await purger.sweep();
    expect(await outbox('counter')).toBe(0);
  });

  it('keeps what a full event stream refuses, and relays it once there is room', async () => {
    await connection.jsm.streams.update('EVENTS_counter', { max_msgs: 2, discard: DiscardPolicy.New });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => commit(key)));
    await awaitEvents(connection, 'counter', 2);
    await awaitEvents(connection, 'audit', 5);
    await purger.sweep();
    await purger.sweep();
    expect(await outbox('counter')).toBe(5);
    await connection.jsm.streams.update('EVENTS_counter', { max_msgs: -1 });
    const events = await awaitEvents(connection, 'counter', 5);
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(5);
  });

  it('does not take an event from elsewhere for one of its own', async () => {
    await detach('counter');
    await commit('a');
    await connection.js.publish('events.counter.counted.a', '{}');
    await connection.js.publish('events.counter.counted.a', '{}');
    await purger.sweep();
    await purger.sweep();
    expect(await outbox('counter')).toBe(1);
  });

  it('is emptied of what an earlier process left', async () => {
    await commit('a');
    await awaitEvents(connection, 'counter', 1);
    const other = newPurger(20);
    other.start();
    await until('it is empty', async () => ((await outbox('counter')) === 0 ? true : undefined));
    await other.stop();
  });

  it('loses nothing while commits, looks and restarts go on', async () => {
    const other = newPurger(15);
    other.start();
    const rounds = 120;
    for (let total = 1; total <= rounds; total++) {
      await Promise.all(['a', 'b', 'c'].map((key) => commit(key, total)));
      other.touch();
      if (total % 50 === 0) await server.restart({ signal: 'SIGKILL' });
    }
    const events = await awaitEvents(connection, 'counter', 3 * rounds);
    expect(new Set(events.map(({ headers }) => headers['ce-id'])).size).toBe(3 * rounds);
    await until('it is empty', async () => ((await outbox('counter')) === 0 ? true : undefined));
    await other.stop();
  });
});
