import { jest } from '@jest/globals';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { LossyProxy } from '../lossy-proxy.fixture.js';
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
import { BatchWriter } from './batch.writer.js';
import { currentExpectations, GroupWriter } from './group.writer.js';
import { JetStreamBucket } from './jetstream.bucket.js';
import { RecordReader } from './record.reader.js';
import { valueMessage, WireHeader, WireMessage } from './wire.message.js';
import { WriteFate } from './write.fate.js';

let server: NatsServer;
let proxy: LossyProxy;
let connection: MillraceConnection;
let lossy: MillraceConnection;
let counters: JetStreamBucket<Counter>;

beforeAll(async () => {
  server = await startNatsServer();
  proxy = await LossyProxy.before(server.url);
  connection = await connectTo(server.url);
  lossy = await connectTo(proxy.url, { publish: { deadline: '20s', ackTimeout: '1s' } });
});

afterAll(async () => {
  await lossy.close();
  await connection.close();
  await proxy.stop();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  counters = await openBucket(connection, Counter);
});

afterEach(() => jest.restoreAllMocks());

const KEYS = Array.from({ length: 60 }, (_, at) => `key-${at}`);

const total = async (key: string): Promise<number | undefined> => (await counters.get(key))?.value.total;

/** Counts the batches that are sent from now on. */
const countBatches = ({ publisher }: MillraceConnection): (() => number) => {
  const publish = jest.spyOn(publisher, 'publish');
  return () => publish.mock.calls.filter(([{ headers }]) => headers.has(WireHeader.BatchCommit)).length;
};

describe('commits at once', () => {
  it('share batches, and each gets its own revision', async () => {
    const batches = countBatches(connection);
    const results = await Promise.all(
      KEYS.map((key, at) =>
        counters.commit(key, () => ({ state: counter(at), events: [counted(key, at), noted(key)] })),
      ),
    );
    expect(batches()).toBeLessThan(KEYS.length / 3);
    const entries = await Promise.all(KEYS.map((key) => counters.getOrFail(key)));
    expect(entries.map(({ revision }) => revision)).toEqual(results.map(({ revision }) => revision));
    const events = await awaitEvents(connection, 'counter', KEYS.length);
    const stored = new Set(events.map(({ headers }) => headers['ce-id']));
    expect(results.every(({ eventIds }) => stored.has(eventIds[0] ?? ''))).toBe(true);
  });

  it('do not fail for a conflict of some among them', async () => {
    const contested = new Set([KEYS[7], KEYS[8], KEYS[40]]);
    const runs = new Map<string, number>();
    await Promise.all(
      KEYS.map((key) =>
        counters.commit(key, async (current) => {
          const run = (runs.get(key) ?? 0) + 1;
          runs.set(key, run);
          if (run === 1 && contested.has(key)) await counters.put(key, counter(10));
          const next = (current?.value.total ?? 0) + 1;
          return { state: counter(next), events: [counted(key, next)] };
        }),
      ),
    );
    expect(KEYS.map((key) => runs.get(key))).toEqual(KEYS.map((key) => (contested.has(key) ? 2 : 1)));
    expect(await Promise.all(KEYS.map(total))).toEqual(KEYS.map((key) => (contested.has(key) ? 11 : 1)));
    expect(await awaitEvents(connection, 'counter', KEYS.length)).toHaveLength(KEYS.length);
  });

  it('do not fail for one among them that the stream refuses', async () => {
    const { config } = await connection.jsm.streams.info('KV_counters');
    await connection.jsm.streams.update('KV_counters', { ...config, max_msg_size: 2000 });
    const hasty = await connectTo(server.url, { publish: { deadline: '4s' } });
    const bucket = await openBucket(hasty, Counter);
    const outcomes = await Promise.allSettled(
      KEYS.map((key, at) =>
        bucket.commit(key, () => ({
          state: counter(1),
          events: [noted(at === 30 ? 'x'.repeat(4000) : 'short')],
        })),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      KEYS.map((_, at) => (at === 30 ? 'rejected' : 'fulfilled')),
    );
    expect(await Promise.all(KEYS.map(total))).toEqual(KEYS.map((_, at) => (at === 30 ? undefined : 1)));
    await hasty.close();
  });

  it('are stored once, each with its revision, when the answers are lost', async () => {
    const bucket = await openBucket(lossy, Counter);
    const batches = countBatches(lossy);
    let decided = 0;
    const commits = KEYS.map((key) =>
      bucket.commit(key, () => {
        if (++decided === KEYS.length) proxy.loseAnswers();
        return { state: counter(1), events: [counted(key, 1)] };
      }),
    );
    await until('answers were lost', () => (proxy.hasLost && batches() > 0 ? true : undefined));
    proxy.mend();
    const results = await Promise.all(commits);
    expect(decided).toBe(KEYS.length);
    const entries = await Promise.all(KEYS.map((key) => counters.getOrFail(key)));
    expect(entries.map(({ revision }) => revision)).toEqual(results.map(({ revision }) => revision));
    expect(await awaitEvents(connection, 'counter', KEYS.length)).toHaveLength(KEYS.length);
  });
});

describe('a group', () => {
  const writerOf = (): { writer: GroupWriter; groups: (readonly WireMessage[])[] } => {
    const reader = new RecordReader(connection, {
      stream: 'KV_counters',
      readFrom: 'leader',
      timeoutMs: 5000,
    });
    const batches = new BatchWriter(connection, new WriteFate(connection, reader, 'counters'));
    const groups: (readonly WireMessage[])[] = [];
    const attempt = batches.attempt.bind(batches);
    jest.spyOn(batches, 'attempt').mockImplementation((batch) => {
      groups.push(batch.messages);
      return attempt(batch);
    });
    return { writer: new GroupWriter(batches, currentExpectations(reader), connection.clock), groups };
  };

  const pair = (key: string): WireMessage[] => [
    valueMessage('counters', { key: `${key} first`, payload: null }),
    valueMessage('counters', { key, payload: null }),
  ];

  it('never holds two writes of one key', async () => {
    const { writer, groups } = writerOf();
    const deadline = connection.clock.monotonic() + 5000;
    const keys = ['a', 'a', 'b', 'a', 'b', 'c'];
    const outcomes = await Promise.all(keys.map((key) => writer.write({ messages: pair(key), deadline })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(keys.map(() => 'stored'));
    for (const group of groups) {
      const subjects = group.map(({ subject }) => subject);
      expect(new Set(subjects).size).toBe(subjects.length);
    }
    expect(groups.length).toBeLessThan(keys.length);
  });

  it('fails those whose time is up, and goes on with the others', async () => {
    const { writer } = writerOf();
    const { clock } = connection;
    await server.pause();
    const first = writer.write({ messages: pair('first'), deadline: clock.monotonic() + 2000 });
    const late = writer.write({ messages: pair('late'), deadline: clock.monotonic() + 300 });
    const patient = writer.write({ messages: pair('patient'), deadline: clock.monotonic() + 10_000 });
    await expect(late).rejects.toMatchObject({ code: 'PUBLISH_TIMEOUT', mayBeStored: false });
    await expect(first).rejects.toMatchObject({ code: 'PUBLISH_TIMEOUT', mayBeStored: true });
    await server.resume();
    expect(await patient).toMatchObject({ kind: 'stored' });
  });
});
