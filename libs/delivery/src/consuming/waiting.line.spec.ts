import { FakeClock } from '../clock.fixture.js';
import { Gate } from '../gates/gate.js';
import { Holding, PrefetchGauge } from './prefetch.js';
import { WaitingLine } from './waiting.line.js';

interface Item {
  readonly delivery: { n: number };
}

const item = (n: number): Item => ({ delivery: { n } });

/** A gate that lets so many through as it is told. */
const turnstile = () => {
  let left = 0;
  let listener: () => void = () => undefined;
  const seen: string[] = [];
  const gate: Gate = {
    admit: (wanted) => {
      const admitted = Math.min(wanted, left);
      left -= admitted;
      return admitted;
    },
    waitingLimit: 3,
    begun: (message) => seen.push(`begun ${(message as Item['delivery']).n}`),
    ended: (message) => seen.push(`ended ${(message as Item['delivery']).n}`),
    watch: (given) => {
      listener = given;
      return () => (listener = () => undefined);
    },
    stop: () => undefined,
  };
  const open = (count: number): void => {
    left += count;
    listener();
  };
  return { gate, open, seen };
};

describe('WaitingLine', () => {
  it('begins what came first, as many at once as may run', () => {
    const begun: Item[] = [];
    const line = new WaitingLine<Item>({ concurrency: 2, gate: undefined, begin: (one) => begun.push(one) });
    const items = [1, 2, 3, 4].map(item);
    for (const one of items) line.push(one);
    expect([begun, line.size]).toEqual([items.slice(0, 2), 2]);
    line.ended(items[1]!);
    expect([begun, line.size]).toEqual([items.slice(0, 3), 1]);
    expect([line.take(), line.take(), line.size]).toEqual([items[3], undefined, 0]);
  });

  it('takes a long line whose handlers end at once without going ever deeper', () => {
    let handled = 0;
    const { gate, open } = turnstile();
    const line: WaitingLine<Item> = new WaitingLine<Item>({
      concurrency: 1,
      gate,
      begin: (one) => {
        handled++;
        line.ended(one);
      },
    });
    line.watch(() => line.proceed());
    for (let n = 0; n < 50_000; n++) line.push(item(n));
    expect(handled).toBe(0);
    open(Infinity);
    expect([handled, line.size]).toEqual([50_000, 0]);
  });

  it('begins no more than its gate admits, and tells it of each', () => {
    const begun: Item[] = [];
    const { gate, open, seen } = turnstile();
    const line = new WaitingLine<Item>({ concurrency: 10, gate, begin: (one) => begun.push(one) });
    const unwatch = line.watch(() => line.proceed());
    for (let n = 0; n < 5; n++) line.push(item(n));
    expect([begun.length, line.limit]).toEqual([0, 3]);
    open(2);
    line.ended(begun[0]!);
    expect(seen).toEqual(['begun 0', 'begun 1', 'ended 0']);
    unwatch();
    open(1);
    expect(begun).toHaveLength(2);
  });
});

describe('what is wanted', () => {
  const idle: Holding = { busy: 0, waiting: 0, waitingLimit: Infinity, owed: 0 };
  const gauge = new PrefetchGauge(16, new FakeClock());

  it.each([
    ['a message for each handler, at first', {}, 16],
    ['one as soon as a handler is free and nothing is owed', { busy: 15 }, 1],
    ['none for one more while many are owed', { owed: 15 }, 0],
    ['the rest when some of them have come', { owed: 12 }, 4],
    ['no more than may wait', { waitingLimit: 5, waiting: 2, busy: 2 }, 3],
    ['none behind a closed gate', { waitingLimit: 0 }, 0],
    ['none where all is at hand or owed', { busy: 10, owed: 6 }, 0],
  ])('is %s', (_, holding, wanted) => expect(gauge.wanted({ ...idle, ...holding })).toBe(wanted));

  it('leaves no handler without a request for long, however the messages come', () => {
    for (let busy = 0; busy <= 16; busy++) {
      for (let owed = 0; busy + owed <= 16; owed++) {
        const asked = owed + gauge.wanted({ ...idle, busy, owed });
        expect(asked).toBeGreaterThanOrEqual(Math.floor((16 - busy) * 0.8));
      }
    }
  });
});
