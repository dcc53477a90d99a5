import { KeyedTurns } from './keyed.turns.js';

const deferred = (): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } => {
  const settle: { resolve?: () => void; reject?: (error: Error) => void } = {};
  const promise = new Promise<void>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, resolve: () => settle.resolve?.(), reject: (error) => settle.reject?.(error) };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('KeyedTurns', () => {
  it('runs tasks of one key one after the other, in order', async () => {
    const turns = new KeyedTurns();
    const first = deferred();
    const log: string[] = [];
    const running = [
      turns.run('a', async () => {
        log.push('first begins');
        await first.promise;
        log.push('first ends');
      }),
      turns.run('a', async () => void log.push('second')),
      turns.run('a', async () => void log.push('third')),
    ];
    await settled();
    expect(log).toEqual(['first begins']);
    first.resolve();
    await Promise.all(running);
    expect(log).toEqual(['first begins', 'first ends', 'second', 'third']);
  });

  it('runs tasks of different keys side by side', async () => {
    const turns = new KeyedTurns();
    const blocked = deferred();
    const waiting = turns.run('a', () => blocked.promise);
    await expect(turns.run('b', async () => 'done')).resolves.toBe('done');
    blocked.resolve();
    await waiting;
  });

  it('goes on after a task that failed, and passes its failure on', async () => {
    const turns = new KeyedTurns();
    const failing = deferred();
    const first = turns.run('a', () => failing.promise);
    const second = turns.run('a', async () => 'done');
    failing.reject(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await expect(second).resolves.toBe('done');
  });
});
