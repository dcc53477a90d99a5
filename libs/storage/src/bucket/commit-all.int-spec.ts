import { startNatsServer, type NatsServer } from '@millrace/nats-server';
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
} from '../storage.fixture.js';
import { CommitAllResult } from './commit.js';
import { JetStreamBucket } from './jetstream.bucket.js';

let server: NatsServer;
let connection: MillraceConnection;
let other: MillraceConnection;
let counters: JetStreamBucket<Counter>;
let theirs: JetStreamBucket<Counter>;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url, { publish: { deadline: '20s' } });
  other = await connectTo(server.url, { publish: { deadline: '20s' } });
});

afterAll(async () => {
  await connection.close();
  await other.close();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  counters = await openBucket(connection, Counter);
  theirs = await openBucket(other, Counter);
});

const total = async (key: string): Promise<number | undefined> => (await counters.get(key))?.value.total;

const transfer = (
  bucket: JetStreamBucket<Counter>,
  [from, to]: readonly [string, string],
): Promise<CommitAllResult<Counter>> =>
  bucket.commitAll([from, to], (current) => {
    const left = current.get(from)?.value.total ?? 0;
    const right = current.get(to)?.value.total ?? 0;
    return {
      states: [
        [from, counter(left - 1)],
        [to, counter(right + 1)],
      ],
      events: [counted(from, left - 1), counted(to, right + 1)],
    };
  });

describe('a commit of several keys', () => {
  it('writes, deletes and leaves keys together, with revisions and events', async () => {
    await counters.put('old', counter(1));
    const kept = await counters.put('kept', counter(5));
    const result = await counters.commitAll(['new', 'old', 'kept', 'absent'], (current) => {
      expect([...current.keys()].sort()).toEqual(['kept', 'old']);
      return {
        states: new Map([
          ['new', counter(2)],
          ['old', null],
        ]),
        events: [noted('moved')],
      };
    });
    expect(await counters.get('new')).toMatchObject({
      value: { total: 2 },
      revision: result.states.get('new')?.revision,
    });
    expect(await counters.has('old')).toBe(false);
    expect(result.states.get('kept')).toEqual({ value: counter(5), revision: kept });
    expect(result.states.get('absent')).toEqual({ value: undefined, revision: 0 });
    const [event] = await awaitEvents(connection, 'audit', 1);
    expect(event?.headers['ce-id']).toBe(result.eventIds[0]);
    const keys: string[] = [];
    for await (const key of counters.keys()) keys.push(key);
    expect(keys.sort()).toEqual(['kept', 'new']);
  });

  it('writes nothing when one of its states is invalid', async () => {
    const commit = counters.commitAll(['a', 'b'], () => ({
      states: [
        ['a', counter(1)],
        ['b', counter(0.5)],
      ],
    }));
    await expect(commit).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    expect(await counters.has('a')).toBe(false);
  });

  it('refuses to decide about a key that it does not hold, and to hold none', async () => {
    const stray = counters.commitAll(['a'], () => ({ states: [['b', counter(1)]] }));
    await expect(stray).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(counters.commitAll([], () => ({}))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await counters.has('b')).toBe(false);
  });

  it('is decided anew when a key that it only reads was written meanwhile', async () => {
    await counters.put('limit', counter(1));
    const seen: (number | undefined)[] = [];
    await counters.commitAll(['a', 'limit', 'other'], async (current) => {
      const limit = current.get('limit')?.value.total;
      seen.push(limit);
      if (seen.length === 1) await theirs.put('limit', counter(2));
      return { states: [['a', counter(limit ?? 0)]] };
    });
    expect(seen).toEqual([1, 2]);
    expect(await total('a')).toBe(2);
  });

  it('keeps a sum, from several processes and in whichever order the keys are named', async () => {
    const keys = ['a', 'b', 'c'] as const;
    await Promise.all(keys.map((key) => counters.put(key, counter(100))));
    const pairs = [
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const;
    await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        transfer(at % 3 === 0 ? theirs : counters, pairs[at % pairs.length] ?? pairs[0]),
      ),
    );
    const totals = await Promise.all(keys.map(total));
    expect(totals.reduce((sum: number, value) => sum + (value ?? 0), 0)).toBe(300);
    expect(await awaitEvents(connection, 'counter', 120)).toHaveLength(120);
  });
});
