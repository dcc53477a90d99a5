import { SerialQueue } from './serial.queue.js';

describe('SerialQueue', () => {
  it('runs operations one after another, past a failed one', async () => {
    const queue = new SerialQueue();
    const events: string[] = [];
    let finishFirst: () => void = () => {};
    const first = queue.run(async () => {
      events.push('first begins');
      await new Promise<void>((resolve) => (finishFirst = resolve));
      throw new Error('first fails');
    });
    const second = queue.run(async () => {
      events.push('second begins');
      return 2;
    });
    await new Promise(setImmediate);
    expect(events).toEqual(['first begins']);
    finishFirst();
    await expect(first).rejects.toThrow('first fails');
    await expect(second).resolves.toBe(2);
    expect(events).toEqual(['first begins', 'second begins']);
  });
});
