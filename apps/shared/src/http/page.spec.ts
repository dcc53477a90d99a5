import { takePage } from './page.js';

const counted = (items: readonly string[]): { read: () => number; source: AsyncIterable<string> } => {
  let read = 0;
  return {
    read: () => read,
    source: (async function* () {
      for (const item of items) {
        read++;
        yield item;
      }
    })(),
  };
};

describe('takePage', () => {
  it('takes the part that is asked for, and says where the next begins', async () => {
    const letters = ['a', 'b', 'c', 'd', 'e'];
    expect(await takePage(letters, { limit: 2, offset: 0 })).toEqual({ items: ['a', 'b'], nextOffset: 2 });
    expect(await takePage(letters, { limit: 2, offset: 2 })).toEqual({ items: ['c', 'd'], nextOffset: 4 });
    expect(await takePage(letters, { limit: 2, offset: 4 })).toEqual({ items: ['e'] });
    expect(await takePage(letters, { limit: 5, offset: 0 })).toEqual({ items: letters });
    expect(await takePage(letters, { limit: 5, offset: 9 })).toEqual({ items: [] });
  });

  it('reads no further than it must', async () => {
    const { source, read } = counted(['a', 'b', 'c', 'd', 'e']);
    await takePage(source, { limit: 2, offset: 1 });
    expect(read()).toBe(4);
  });

  it('counts once what comes twice', async () => {
    expect(await takePage(['a', 'b', 'a', 'c'], { limit: 2, offset: 1 })).toEqual({ items: ['b', 'c'] });
  });
});
