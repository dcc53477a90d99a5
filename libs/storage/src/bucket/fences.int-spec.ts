import { IsInt } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { Bucket } from '../decorators/bucket.decorator.js';
import { HandledMessage, handling } from '../handling.fixture.js';
import { LossyProxy } from '../lossy-proxy.fixture.js';
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
import { JetStreamBucket } from './jetstream.bucket.js';

@Bucket('fleeting', { ttl: '1s' })
class Fleeting {
  @IsInt()
  total!: number;
}

let server: NatsServer;
let proxy: LossyProxy;
let connection: MillraceConnection;
let other: MillraceConnection;
let counters: JetStreamBucket<Counter>;
/** The same bucket, in what stands for another process. */
let theirs: JetStreamBucket<Counter>;

beforeAll(async () => {
  server = await startNatsServer();
  proxy = await LossyProxy.before(server.url);
  connection = await connectTo(server.url);
  other = await connectTo(proxy.url, { publish: { deadline: '20s', ackTimeout: '1s' } });
});

afterAll(async () => {
  await connection.close();
  await other.close();
  await proxy.stop();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  counters = await openBucket(connection, Counter);
  theirs = await openBucket(other, Counter);
});

const lock = (token: number, name = 'lock'): { fence: { name: string; token: number } } => ({
  fence: { name, token },
});
const fencedOut = (token: number, newest: number): object => ({
  name: 'FencedOutError',
  code: 'FENCED_OUT',
  bucket: 'counters',
  key: 'a',
  fence: 'lock',
  token,
  newest,
});

describe('a write with a fencing token', () => {
  it('is taken while its token is the newest that the key has seen', async () => {
    const first = await counters.create('a', counter(1), lock(3));
    const second = await counters.update('a', counter(2), first, lock(3));
    await counters.put('a', counter(3), lock(7));
    expect(second).toBeGreaterThan(first);
    expect(await counters.get('a')).toMatchObject({ value: { total: 3 } });
  });

  it('is refused once the key has seen a newer one, whichever way it writes', async () => {
    const revision = await counters.put('a', counter(1), lock(5));
    const writes = [
      () => theirs.put('a', counter(9), lock(4)),
      () => theirs.update('a', counter(9), revision, lock(4)),
      () => theirs.delete('a', lock(4)),
      () => theirs.delete('a', { revision, ...lock(4) }),
      () => theirs.create('a', counter(9), lock(4)),
      () => theirs.commit('a', () => ({ state: counter(9), events: [counted('a', 9)] }), lock(4)),
      () => theirs.commitAll(['a', 'b'], () => ({ states: [['b', counter(9)]] }), lock(4)),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject(fencedOut(4, 5));
    expect(await counters.get('a')).toMatchObject({ revision, value: { total: 1 } });
    expect(await counters.has('b')).toBe(false);
  });

  it('is compared with those of its own name and key only', async () => {
    await counters.put('a', counter(1), lock(5));
    await counters.put('a', counter(2), lock(1, 'other'));
    await counters.put('b', counter(3), lock(1));
    expect(await counters.get('a')).toMatchObject({ value: { total: 2 } });
  });

  it('is refused although the key was deleted, and written without one, since', async () => {
    await counters.put('a', counter(1), lock(5));
    await counters.delete('a');
    await expect(counters.put('a', counter(9), lock(4))).rejects.toMatchObject(fencedOut(4, 5));
    const revision = await counters.put('a', counter(2));
    await expect(counters.put('a', counter(9), lock(4))).rejects.toMatchObject(fencedOut(4, 5));
    expect(await counters.get('a')).toMatchObject({ revision });
  });

  it('is refused although the value has expired since', async () => {
    const fleeting = await openBucket(connection, Fleeting);
    await fleeting.put('a', { total: 1 }, lock(5));
    await until('it has expired', async () => ((await fleeting.has('a')) ? undefined : true));
    await expect(fleeting.put('a', { total: 9 }, lock(4))).rejects.toMatchObject({ code: 'FENCED_OUT' });
  });

  it('still conflicts by revision', async () => {
    const revision = await counters.put('a', counter(1), lock(5));
    const newer = await counters.put('a', counter(2));
    const update = counters.update('a', counter(9), revision, lock(5));
    await expect(update).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
      expected: revision,
      found: newer,
    });
  });

  it('that is no token is refused', async () => {
    for (const token of [-1, 0.5, Number.NaN]) {
      await expect(counters.put('a', counter(1), lock(token))).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    }
  });
});

describe('a holder that has lost its lock', () => {
  it.each([
    ['its first write', false],
    ['a later write', true],
  ])('is refused when it thaws in the middle of %s', async (_, hasWritten) => {
    if (hasWritten) await theirs.put('a', counter(1), lock(1));
    // From here on nothing of theirs arrives: they have read the fence, and are frozen as they write.
    proxy.loseRequestsFrom('"total":9');
    const frozen = theirs.put('a', counter(9), lock(1));
    await until('it froze', () => (proxy.hasLost ? true : undefined));
    const revision = await counters.put('a', counter(2), lock(2));
    proxy.mend();
    await expect(frozen).rejects.toMatchObject(fencedOut(1, 2));
    expect(await counters.get('a')).toMatchObject({ revision, value: { total: 2 } });
  });

  it('is refused when it thaws in the middle of a commit', async () => {
    const frozen = theirs.commit(
      'a',
      async () => {
        await counters.commit('a', () => ({ state: counter(2) }), lock(2));
        return { state: counter(9), events: [counted('a', 9)] };
      },
      lock(1),
    );
    await expect(frozen).rejects.toMatchObject(fencedOut(1, 2));
    expect(await counters.get('a')).toMatchObject({ value: { total: 2 } });
  });

  it('never writes after its successor has, however often they race', async () => {
    // Each holder writes its token until it is refused; the values must never go back.
    const history: number[] = [];
    let commits = 0;
    const hold = async (bucket: JetStreamBucket<Counter>, token: number): Promise<number> => {
      for (let written = 0; ; written++) {
        try {
          if (written % 2 === 0) {
            await bucket.put('a', counter(token), lock(token));
          } else {
            await bucket.commit(
              'a',
              () => ({ state: counter(token), events: [counted('a', token)] }),
              lock(token),
            );
            commits++;
          }
          if (token === 12 && written >= 3) return written;
        } catch (error) {
          expect(error).toMatchObject({ code: 'FENCED_OUT', token });
          return written;
        }
      }
    };
    const holders: Promise<number>[] = [];
    for (let token = 1; token <= 12; token++) {
      holders.push(hold(token % 2 ? counters : theirs, token));
      await until(`${token} has written`, async () => {
        const seen = (await counters.get('a'))?.value.total ?? 0;
        history.push(seen);
        return seen >= token ? true : undefined;
      });
    }
    await Promise.all(holders);
    const events = (await awaitEvents(connection, 'counter', commits)).map(
      ({ body }) => (body as Counter).total,
    );
    expect(events).toEqual([...events].sort((a, b) => a - b));
    expect(history).toEqual([...history].sort((a, b) => a - b));
    expect(await counters.get('a')).toMatchObject({ value: { total: 12 } });
  });
});

describe('a commit while a message of a partition is handled', () => {
  const handled = (sequence: number, token: number): HandledMessage => ({
    sequence,
    fence: { name: 'ORDERED_order=g.16.3', token },
  });

  it('is refused to an owner that has been replaced, and writes nothing', async () => {
    await handling(handled(7, 21), () => counters.commit('a', () => ({ state: counter(2) })));
    const late = handling(handled(6, 20), () =>
      theirs.commit('a', () => ({ state: counter(1), events: [counted('a', 1)] })),
    );
    await expect(late).rejects.toMatchObject({ code: 'FENCED_OUT', token: 20, newest: 21 });
    expect(await counters.get('a')).toMatchObject({ value: { total: 2 } });
  });

  it('holds under a lock as well, and of both fences the stale one refuses it', async () => {
    await counters.commit('a', () => ({ state: counter(1) }), lock(5));
    const commit = (token: number): Promise<unknown> =>
      handling(handled(8, 22), () => counters.commit('a', () => ({ state: counter(2) }), lock(token)));
    await expect(commit(4)).rejects.toMatchObject(fencedOut(4, 5));
    await commit(5);
    expect(await counters.get('a')).toMatchObject({ value: { total: 2 } });
  });
});
