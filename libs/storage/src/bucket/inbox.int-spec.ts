import { AckPolicy } from '@nats-io/jetstream';
import { IsInt } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { receiveOne, acknowledgeConfirmed, Delivery, withCurrentMessage } from '@millrace/delivery';
import { Bucket } from '../decorators/bucket.decorator.js';
import { HandledMessage, handling } from '../handling.fixture.js';
import {
  awaitEvents,
  connectTo,
  counted,
  Counter,
  counter,
  deleteStreams,
  openBucket,
  until,
} from '../storage.fixture.js';
import { CommitResult } from './commit.js';
import { JetStreamBucket } from './jetstream.bucket.js';

@Bucket('forgetful', { inboxTtl: '1s' })
class Forgetful {
  @IsInt()
  total!: number;
}

let server: NatsServer;
let connection: MillraceConnection;
let other: MillraceConnection;
let counters: JetStreamBucket<Counter>;
/** The same bucket, in what stands for another process. */
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

const increment = (bucket: JetStreamBucket<Counter>, key: string): Promise<CommitResult<Counter>> =>
  bucket.commit(key, (current) => {
    const total = (current?.value.total ?? 0) + 1;
    return { state: counter(total), events: [counted(key, total)] };
  });

const handle = (message: HandledMessage, key = 'a', bucket = counters): Promise<CommitResult<Counter>> =>
  handling(message, () => increment(bucket, key));

const total = async (key: string): Promise<number | undefined> => (await counters.get(key))?.value.total;

describe('a message that is handled again', () => {
  it('changes nothing, and is told what the first handling did', async () => {
    const first = await handle({ id: 'm1' });
    expect(first.duplicate).toBe(false);
    await counters.put('a', counter(10));
    let decided = 0;
    const again = await handling({ id: 'm1', attempt: 2 }, () =>
      theirs.commit('a', () => {
        decided++;
        return { state: counter(99) };
      }),
    );
    expect(decided).toBe(0);
    expect(again).toEqual({
      value: counter(10),
      revision: first.revision,
      eventIds: first.eventIds,
      duplicate: true,
    });
    expect(await total('a')).toBe(10);
    expect(await awaitEvents(connection, 'counter', 1)).toHaveLength(1);
  });

  it('is recognised by its id when it is replayed elsewhere in its stream', async () => {
    await handle({ id: 'm1', sequence: 1 });
    expect(await handle({ id: 'm1', sequence: 77, stream: 'EVENTS_other' })).toMatchObject({
      duplicate: true,
    });
    expect(await total('a')).toBe(1);
  });

  it('is recognised by its place where it has no id', async () => {
    await handle({ sequence: 1 });
    await handle({ sequence: 2 });
    expect(await handle({ sequence: 1, attempt: 2 })).toMatchObject({ duplicate: true });
    expect(await total('a')).toBe(2);
  });

  it('is a message of its own to another group, and other ids are other messages', async () => {
    await handle({ id: 'm1' });
    await handle({ id: 'm1', group: 'other' });
    await handle({ id: 'm2' });
    expect(await total('a')).toBe(3);
  });

  it('is handled once when two processes handle it at the same time', async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `m${at}`);
    const results = await Promise.all(
      ids.flatMap((id) => [handle({ id }, 'a', counters), handle({ id, attempt: 2 }, 'a', theirs)]),
    );
    expect(results.filter(({ duplicate }) => duplicate)).toHaveLength(ids.length);
    expect(await total('a')).toBe(ids.length);
    expect(await awaitEvents(connection, 'counter', ids.length)).toHaveLength(ids.length);
  });

  it('announces once when two processes do nothing but announce', async () => {
    await counters.put('a', counter(1));
    const ids = Array.from({ length: 40 }, (_, at) => `m${at}`);
    const announce = (id: string, bucket: JetStreamBucket<Counter>): Promise<CommitResult<Counter>> =>
      handling({ id }, () => bucket.commit('a', () => ({ events: [counted('a', 1)] })));
    const results = await Promise.all(ids.flatMap((id) => [announce(id, counters), announce(id, theirs)]));
    expect(results.filter(({ duplicate }) => duplicate)).toHaveLength(ids.length);
    expect(await awaitEvents(connection, 'counter', ids.length)).toHaveLength(ids.length);
  });

  it('is taken for handled when deciding fails on what it has done itself', async () => {
    const payOnce = (bucket: JetStreamBucket<Counter>, before: () => Promise<void>): Promise<unknown> =>
      handling({ id: 'm1' }, () =>
        bucket.commit('a', async (current) => {
          await before();
          if (current) throw new Error('paid already');
          return { state: counter(1) };
        }),
      );
    let raced = false;
    await payOnce(theirs, async () => {
      if (raced) return;
      raced = true;
      await payOnce(counters, () => Promise.resolve());
    });
    expect(raced).toBe(true);
    expect(await total('a')).toBe(1);
  });

  it('is no longer recognised after the inbox ttl', async () => {
    const forgetful = await openBucket(connection, Forgetful);
    const commit = (): Promise<CommitResult<Forgetful>> =>
      handling({ id: 'm1' }, () =>
        forgetful.commit('a', (current) => ({ state: { total: (current?.value.total ?? 0) + 1 } })),
      );
    await commit();
    expect(await commit()).toMatchObject({ duplicate: true });
    const again = await until('the mark has expired', async () => {
      const result = await commit();
      return result.duplicate ? undefined : result;
    });
    expect(again.value).toEqual({ total: 2 });
  });
});

describe('several commits of one handling', () => {
  const twice = async (key: string): Promise<void> => {
    await increment(counters, key);
    await increment(counters, key);
    await increment(counters, 'other');
  };

  it('all happen, each once', async () => {
    await handling({ id: 'm1' }, () => twice('a'));
    await handling({ id: 'm1', attempt: 2 }, () => twice('a'));
    expect([await total('a'), await total('other')]).toEqual([2, 1]);
  });

  it('are completed by the redelivery when a crash came between them', async () => {
    await handle({ id: 'm1' });
    await handling({ id: 'm1', attempt: 2 }, () => twice('a'));
    expect([await total('a'), await total('other')]).toEqual([2, 1]);
  });

  it('are one to several keys as well', async () => {
    const both = (): Promise<{ duplicate: boolean }> =>
      handling({ id: 'm1' }, () =>
        counters.commitAll(['a', 'b'], (current) => ({
          states: [
            ['a', counter((current.get('a')?.value.total ?? 0) + 1)],
            ['b', counter((current.get('b')?.value.total ?? 0) + 1)],
          ],
        })),
      );
    const first = await both();
    const again = await both();
    expect(again).toEqual({ ...first, duplicate: true });
    expect([await total('a'), await total('b')]).toEqual([1, 1]);
  });

  it('may be tried again when one failed', async () => {
    await handling({ id: 'm1' }, async () => {
      const failed = counters.commit('a', () => ({ state: counter(0.5) }));
      await expect(failed).rejects.toMatchObject({ code: 'VALUE_INVALID' });
      await increment(counters, 'a');
    });
    expect(await handle({ id: 'm1', attempt: 2 })).toMatchObject({ duplicate: true });
    expect(await total('a')).toBe(1);
  });
});

describe('crashes', () => {
  // Small and reproducible.
  const random = (seed: number) => (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };

  it('before, during and after commits leave what handling each message once leaves', async () => {
    const next = random(7);
    const keys = Array.from({ length: 50 }, (_, at) => `key-${at}`);
    const messages = Array.from({ length: 2000 }, (_, at) => ({
      id: `m${at}`,
      key: keys[at % keys.length] ?? '',
    }));
    const crashes = { before: 0, during: 0, after: 0 };
    const abandoned: Promise<unknown>[] = [];

    const deliver = async ({ id, key }: { id: string; key: string }): Promise<void> => {
      for (let attempt = 1; ; attempt++) {
        const bucket = next() < 0.5 ? counters : theirs;
        const fate = next();
        if (attempt < 6 && fate < 0.2) {
          crashes.before++;
          continue;
        }
        const commit = handle({ id, attempt }, key, bucket);
        if (attempt < 6 && fate < 0.4) {
          // Nobody waits for it any more, but it was sent: the next delivery races with it.
          crashes.during++;
          abandoned.push(commit.catch(() => undefined));
          continue;
        }
        await commit;
        if (attempt >= 6 || fate > 0.7) return;
        crashes.after++;
      }
    };
    const queue = [...messages];
    const worker = async (): Promise<void> => {
      for (let message = queue.shift(); message; message = queue.shift()) await deliver(message);
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    await Promise.all(abandoned);
    expect(Math.min(...Object.values(crashes))).toBeGreaterThan(400);
    expect(await Promise.all(keys.map(total))).toEqual(keys.map(() => messages.length / keys.length));
    const events = await awaitEvents(connection, 'counter', messages.length);
    const distinct = new Set(events.map(({ body }) => JSON.stringify(body)));
    expect([events.length, distinct.size]).toEqual([messages.length, messages.length]);
  }, 60_000);

  it('between commit and acknowledgement are made good by the redelivery', async () => {
    const { jsm, js } = connection;
    await jsm.streams.add({ name: 'WORK', subjects: ['work.>'] });
    await jsm.consumers.add('WORK', {
      durable_name: 'counting',
      ack_policy: AckPolicy.Explicit,
      ack_wait: 300_000_000,
    });
    const count = 10;
    for (let at = 0; at < count; at++) await js.publish(`work.${at}`);
    const receive = async (
      by: MillraceConnection,
      bucket: JetStreamBucket<Counter>,
    ): Promise<Delivery | undefined> => {
      const message = await receiveOne(by, { stream: 'WORK', consumer: 'counting', timeoutMs: 1000 });
      if (!message) return undefined;
      const delivery = new Delivery(message, 'counting', { extend: () => undefined });
      await withCurrentMessage(delivery, () => increment(bucket, 'a'));
      // Every first delivery dies here.
      if (delivery.attempt > 1) await acknowledgeConfirmed(by.nc, message);
      return delivery;
    };
    const dying = await connectTo(server.url);
    const dyingBucket = await openBucket(dying, Counter);
    for (let at = 0; at < count; at++) await receive(dying, dyingBucket);
    await dying.nc.close();
    await until('all are acknowledged', async () => {
      await receive(connection, counters);
      const { num_ack_pending: unacknowledged, num_pending: left } = await jsm.consumers.info(
        'WORK',
        'counting',
      );
      return unacknowledged + left === 0 ? true : undefined;
    });
    expect(await total('a')).toBe(count);
    expect(await awaitEvents(connection, 'counter', count)).toHaveLength(count);
  });
});
