import { FakeClock } from '../clock.fixture.js';
import { fakeMessage } from '../message.fixture.js';
import { parseDeliveryToken } from '../message/delivery-token.js';
import { Delivery } from '../message/delivery.js';
import { Answers, AnswersPorts } from './answers.js';
import { Fifo } from './fifo.js';
import { InHand } from './in-hand.js';
import { Leased, LeaseKeeper } from './lease-keeper.js';
import { MAX_WAITING, PrefetchGauge } from './prefetch.js';
import { ACKNOWLEDGE, acknowledge, handBack, handBackAfter, reportProgress } from './settlement.js';

describe('Fifo', () => {
  it('gives what came first, and nothing when it is empty', () => {
    const fifo = new Fifo<number>();
    expect(fifo.take()).toBeUndefined();
    fifo.push(1);
    fifo.push(2);
    expect([fifo.size, fifo.take(), fifo.take(), fifo.take(), fifo.size]).toEqual([2, 1, 2, undefined, 0]);
  });

  it('keeps the order and no rest through many rounds', () => {
    const fifo = new Fifo<number>();
    const taken: (number | undefined)[] = [];
    for (let i = 0; i < 20_000; i++) {
      fifo.push(i);
      if (i % 3 > 0) taken.push(fifo.take());
    }
    while (fifo.size > 0) taken.push(fifo.take());
    for (let i = 0; i < 5000; i++) fifo.take();
    expect(taken).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    expect((fifo as unknown as { items: unknown[] }).items.length).toBeLessThan(2100);
  });
});

describe('LeaseKeeper', () => {
  let clock: FakeClock;
  let keeper: LeaseKeeper<Leased>;
  beforeEach(() => {
    clock = new FakeClock();
    keeper = new LeaseKeeper(1000, clock);
  });
  const item = (): Leased & { ages: number[] } => {
    const made = {
      leasedAt: clock.monotonic(),
      ages: [] as number[],
      extend: () => {
        made.ages.push(clock.monotonic() - made.leasedAt);
        made.leasedAt = clock.monotonic();
      },
    };
    return made;
  };

  it('lets no lease grow older than half of the time it runs, whenever it began', () => {
    const items = Array.from({ length: 40 }, () => {
      const made = item();
      keeper.add(made);
      clock.advance(13);
      return made;
    });
    clock.advance(5000);
    for (const { ages } of items) {
      expect(ages.length).toBeGreaterThan(8);
      expect(Math.max(...ages)).toBeLessThanOrEqual(500);
    }
  });

  it('extends a thousand with one timer, and none that has left', () => {
    const items = Array.from({ length: 1000 }, () => item());
    for (const one of items) keeper.add(one);
    expect(clock.pending).toBe(1);
    keeper.delete(items[0]!);
    clock.advance(250);
    expect(items.filter(({ ages }) => ages.length > 0)).toHaveLength(999);
  });

  it('has no timer while it holds nothing', () => {
    const one = item();
    keeper.add(one);
    keeper.delete(one);
    clock.advance(1000);
    expect(clock.pending).toBe(0);
    keeper.add(one);
    clock.advance(250);
    expect(one.ages).toHaveLength(1);
    keeper.stop();
    expect(clock.pending).toBe(0);
  });

  it('extends all at once when asked', () => {
    const one = item();
    keeper.add(one);
    keeper.extendAll();
    expect(one.ages).toEqual([0]);
  });
});

describe('PrefetchGauge', () => {
  const settle = (
    gauge: PrefetchGauge,
    clock: FakeClock,
    { count, eachMs }: { count: number; eachMs: number },
  ): void => {
    for (let i = 0; i < count; i++) {
      clock.advance(eachMs);
      gauge.onSettled();
    }
  };

  it('begins with a message for each handler', () => {
    const gauge = new PrefetchGauge(16, new FakeClock());
    expect([gauge.size, gauge.worthwhile]).toEqual([16, 1]);
  });

  it('keeps what takes 0.2 s beside what is handled', () => {
    const clock = new FakeClock();
    const gauge = new PrefetchGauge(16, clock);
    settle(gauge, clock, { count: 160, eachMs: 1 });
    expect([gauge.size, gauge.worthwhile]).toEqual([16 + 200, 100]);
  });

  it('lets hardly anything wait for a handler of seconds, and none of its places stay empty', () => {
    const clock = new FakeClock();
    const gauge = new PrefetchGauge(4, clock);
    settle(gauge, clock, { count: 32, eachMs: 250 });
    expect([gauge.size, gauge.worthwhile]).toEqual([5, 1]);
  });

  it('is bounded for a handler that takes no time, and shrinks when it slows down', () => {
    const clock = new FakeClock();
    const gauge = new PrefetchGauge(2, clock);
    settle(gauge, clock, { count: 5000, eachMs: 0.01 });
    expect(gauge.size).toBe(2 + MAX_WAITING);
    settle(gauge, clock, { count: 48, eachMs: 100 });
    expect(gauge.size).toBeLessThan(10);
  });

  it('never holds less than the handlers that may run', () => {
    const clock = new FakeClock();
    const gauge = new PrefetchGauge(3000, clock);
    settle(gauge, clock, { count: 6400, eachMs: 0.01 });
    expect(gauge.size).toBeGreaterThanOrEqual(3000);
  });
});

describe('settlement', () => {
  const answered = (answer: (message: ReturnType<typeof fakeMessage>) => void): string[] => {
    const answers: string[] = [];
    answer(fakeMessage({}, answers));
    return answers;
  };

  it('says it in the words of the server', () => {
    expect(answered(acknowledge)).toEqual(['+ACK']);
    expect(answered(reportProgress)).toEqual(['+WPI']);
    expect(answered((message) => handBack(message, 1500.5))).toEqual(['-NAK {"delay":1500500000}']);
    expect(answered((message) => handBack(message, 0))).toEqual(['-NAK {"delay":0}']);
  });

  it('asks for no delay that the server could not count', () => {
    expect(answered((message) => handBack(message, Number.POSITIVE_INFINITY))).toEqual([
      '-NAK {"delay":31536000000000000}',
    ]);
  });

  /** Answers, and the numbers that they were given to in the order in which they were sent. */
  const answersWhile = (ports: Partial<AnswersPorts> = {}) => {
    const sent: number[] = [];
    const answers = new Answers({
      isConnected: () => true,
      onLost: (error) => {
        throw error;
      },
      ...ports,
    });
    const give = (n: number): void =>
      answers.give({ message: { respond: () => sent.push(n) > 0 } }, ACKNOWLEDGE);
    return { answers, sent, give };
  };
  const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('is sent at the end of the turn, together', async () => {
    const { sent, give } = answersWhile();
    give(1);
    await Promise.resolve();
    give(2);
    expect(sent).toEqual([]);
    await endOfTurn();
    expect(sent).toEqual([1, 2]);
  });

  it('goes to the latest delivery of its message, in the words it was given in', async () => {
    const { answers } = answersWhile();
    const said: string[] = [];
    const item = { message: fakeMessage({}, []) };
    answers.give(item, handBackAfter(0));
    item.message = fakeMessage({}, said);
    await endOfTurn();
    expect(said).toEqual(['-NAK {"delay":0}']);
  });

  it('is sent before the end of the turn where it is to be soon, once', async () => {
    const { answers, sent, give } = answersWhile();
    const order: string[] = [];
    process.nextTick(() => order.push('end of turn'));
    give(1);
    answers.flushSoon();
    give(2);
    answers.flushSoon();
    expect(sent).toEqual([]);
    queueMicrotask(() => order.push(`sent ${sent.join()}`));
    await endOfTurn();
    expect(sent).toEqual([1, 2]);
    expect(order).toContain('sent 1,2');
  });

  it('is kept while the connection is away, however soon it is to be sent', async () => {
    let connected = false;
    const { answers, sent, give } = answersWhile({ isConnected: () => connected });
    give(1);
    answers.flushSoon();
    await endOfTurn();
    expect(sent).toEqual([]);
    connected = true;
    answers.flushSoon();
    await endOfTurn();
    expect(sent).toEqual([1]);
  });

  it('is sent at once where much waits', () => {
    const { sent, give } = answersWhile();
    for (let n = 0; n < 100; n++) give(n);
    expect(sent).toHaveLength(64);
  });

  it('is kept while the connection is away, and sent in order when it is back', async () => {
    let connected = false;
    const { answers, sent, give } = answersWhile({ isConnected: () => connected });
    for (let n = 0; n < 100; n++) give(n);
    await endOfTurn();
    expect(sent).toEqual([]);
    connected = true;
    answers.flush();
    answers.flush();
    give(100);
    await endOfTurn();
    expect(sent).toEqual(Array.from({ length: 101 }, (_, n) => n));
  });

  it('is not sent where it counts no more by then', () => {
    let owner = true;
    const { answers, sent, give } = answersWhile({ mayAnswer: () => owner });
    give(1);
    answers.flush();
    give(2);
    owner = false;
    answers.flush();
    owner = true;
    answers.flush();
    expect(sent).toEqual([1]);
  });

  it('tells of one that a closed connection does not take, and sends the others', () => {
    const lost: unknown[] = [];
    const { answers, sent, give } = answersWhile({ onLost: (error) => lost.push(error) });
    const respond = (): boolean => {
      throw new Error('closed');
    };
    answers.give({ message: { respond } }, ACKNOWLEDGE);
    give(1);
    answers.flush();
    expect([lost.map(String), sent]).toEqual([['Error: closed'], [1]]);
  });
});

describe('InHand', () => {
  const clock = new FakeClock();
  const hold = (answers: string[] = []): InHand<Delivery> =>
    new InHand(
      fakeMessage({ sequence: 5, storedAtMs: 1000 }, answers),
      (message, lease) => new Delivery(message, 'g', lease),
      clock,
    );
  const again = (setup: {
    sequence: number;
    storedAtMs: number;
  }): [ReturnType<typeof fakeMessage>, ReturnType<typeof parseDeliveryToken>] => {
    const message = fakeMessage({ ...setup, attempt: 2 });
    return [message, parseDeliveryToken(message.reply!)];
  };

  it('reports progress until it is settled, and not after', () => {
    const answers: string[] = [];
    const item = hold(answers);
    item.delivery.extend();
    item.settled = true;
    item.delivery.extend();
    item.extend();
    expect(answers).toEqual(['+WPI']);
  });

  it('takes a further delivery of the same message for its own, and answers to that one', () => {
    const item = hold();
    const [message, token] = again({ sequence: 5, storedAtMs: 1000 });
    expect(item.adopt(message, token)).toBe(true);
    expect(item.message).toBe(message);
    expect(item.delivery.attempt).toBe(1);
  });

  it('does not take another message for its own: a new stream counts from 1 again', () => {
    const item = hold();
    expect(item.adopt(...again({ sequence: 5, storedAtMs: 2000 }))).toBe(false);
    expect(item.adopt(...again({ sequence: 6, storedAtMs: 1000 }))).toBe(false);
  });

  it('takes nothing once it is settled', () => {
    const item = hold();
    item.settled = true;
    expect(item.adopt(...again({ sequence: 5, storedAtMs: 1000 }))).toBe(false);
  });
});
