import { setTimeout as delay } from 'node:timers/promises';
import { ApiAnswer } from '../../traffic/api.client.js';
import { KeyedPool } from './keyed.pool.js';
import { PatientApi } from './patient.api.js';
import { Watermark } from './watermark.js';

const deferred = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
};
const turn = (): Promise<void> => delay(0);

describe('a pool', () => {
  it('does the work of one key in order, that of others meanwhile', async () => {
    const pool = new KeyedPool(10);
    const log: string[] = [];
    const first = deferred();
    await pool.add('a', () => first.promise.then(() => void log.push('a1')));
    await pool.add('a', async () => void log.push('a2'));
    await pool.add('b', async () => void log.push('b1'));
    await turn();
    expect(log).toEqual(['b1']);
    first.resolve();
    await pool.idle();
    expect(log).toEqual(['b1', 'a1', 'a2']);
  });

  it('takes no more than its limit', async () => {
    const pool = new KeyedPool(2);
    const pending = [deferred(), deferred()];
    for (const [at, { promise }] of pending.entries()) await pool.add(String(at), () => promise);
    let taken = false;
    const third = pool.add('c', async () => undefined).then(() => (taken = true));
    await turn();
    expect(taken).toBe(false);
    pending[1]!.resolve();
    await third;
    pending[0]!.resolve();
    await pool.idle();
  });
});

describe('a watermark', () => {
  it('passes what has ended without a gap, in the order of beginning', () => {
    const passed: number[] = [];
    const watermark = new Watermark<number>((result) => passed.push(result));
    const [first, second, third] = [watermark.begin(), watermark.begin(), watermark.begin()];
    second(2);
    expect(passed).toEqual([]);
    first(1);
    expect(passed).toEqual([1, 2]);
    third(3);
    expect(passed).toEqual([1, 2, 3]);
  });
});

describe('a patient API', () => {
  const answering = (...answers: (number | Error)[]) => {
    const left = [...answers];
    const send = async (): Promise<ApiAnswer> => {
      const next = left.shift();
      if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
      return { status: next, body: {}, retryAfterMs: 1 };
    };
    return { get: send, post: send, left };
  };

  it('asks again while the app is away or busy', async () => {
    const api = answering(new TypeError('fetch failed'), 503, 429, 423, 201, 500);
    const answer = await new PatientApi(api, new AbortController().signal).post('/orders', {});
    expect(answer.status).toBe(201);
    expect(api.left).toEqual([500]);
  });

  it.each([400, 404, 409, 500])('takes %i for an answer', async (status) => {
    expect((await new PatientApi(answering(status), new AbortController().signal).get('/')).status).toBe(
      status,
    );
  });

  it('gives up when it is told to stop', async () => {
    const stop = new AbortController();
    const away = {
      get: () => Promise.reject(new Error('away')),
      post: () => Promise.reject(new Error('away')),
    };
    const asking = new PatientApi(away, stop.signal).get('/');
    stop.abort();
    await expect(asking).rejects.toThrow(/abort/i);
  });
});
