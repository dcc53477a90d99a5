import { FakeClock } from '../clock.fixture.js';
import { fakeDelivery } from '../message.fixture.js';
import { Delivery } from '../message/delivery.js';
import { Outcome } from '../outcome/outcome.js';
import { Batch } from './batch.js';
import { Batcher, BatcherOptions } from './batcher.js';

const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a batcher', () => {
  let clock: FakeClock;
  /** Of each batch, the sequences. */
  let batches: number[][];
  let end: (() => void)[];

  beforeEach(() => {
    clock = new FakeClock();
    batches = [];
    end = [];
  });

  const batcher = (options: Partial<BatcherOptions<Delivery>> = {}): Batcher<Delivery> =>
    new Batcher<Delivery>({
      max: 3,
      withinMs: 50,
      concurrency: 1,
      attempts: 2,
      timeoutMs: undefined,
      clock,
      handler: ({ items }: Batch<Delivery>) => {
        batches.push(items.map(({ message }) => message.sequence));
        return new Promise<void>((resolve) => end.push(resolve));
      },
      ...options,
    });

  const give = (to: Batcher<Delivery>, ...sequences: number[]): Promise<Outcome>[] =>
    sequences.map((sequence) => to.handle(fakeDelivery({ sequence })));

  it('runs a full batch at once, and what is left over when its time has come', () => {
    const full = batcher({ concurrency: 2 });
    void give(full, 1, 2, 3, 4);
    expect(batches).toEqual([[1, 2, 3]]);
    clock.advance(49);
    expect(batches).toHaveLength(1);
    clock.advance(1);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('collects while its places are taken, and goes on when one is free', async () => {
    const busy = batcher();
    void give(busy, 1, 2, 3, 4);
    clock.advance(1000);
    void give(busy, 5);
    expect(batches).toEqual([[1, 2, 3]]);
    end[0]?.();
    await flush();
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('acknowledges when the handler is done, not before', async () => {
    const outcomes: Outcome[] = [];
    for (const outcome of give(batcher(), 1, 2, 3)) void outcome.then((kind) => outcomes.push(kind));
    await flush();
    expect(outcomes).toEqual([]);
    end[0]?.();
    await flush();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['ack', 'ack', 'ack']);
  });

  it('fails everything with what the handler throws, also at once', async () => {
    const thrown = new Error('no');
    const failing = batcher({
      handler: () => {
        throw thrown;
      },
    });
    const results = await Promise.allSettled(give(failing, 1, 2, 3));
    expect(results.map((result) => result.status === 'rejected' && result.reason === thrown)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('settles no message twice', async () => {
    const codes: unknown[] = [];
    const twice = batcher({
      handler: ({ items: [first] }) => {
        first?.ack();
        try {
          first?.retry('1s');
        } catch (error) {
          codes.push((error as { code?: string }).code);
        }
      },
    });
    const [outcome] = await Promise.all(give(twice, 1, 2, 3));
    expect(outcome).toEqual({ kind: 'ack' });
    expect(codes).toEqual(['ALREADY_SETTLED']);
  });

  it('leaves out what was handed back while it waited', () => {
    const message = fakeDelivery({ sequence: 1 });
    const late = batcher();
    void late.handle(message);
    message.abort(new Error('shutting down'));
    void give(late, 2);
    clock.advance(50);
    expect(batches).toEqual([[2]]);
  });

  it('fails what is not settled when the time is up, and leaves no timer behind', async () => {
    const slow = batcher({ timeoutMs: 100 });
    const results = Promise.allSettled(give(slow, 1, 2, 3));
    clock.advance(100);
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    end[0]?.();
    await flush();
    expect(clock.pending).toBe(0);
  });
});
