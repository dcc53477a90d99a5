import { type Dated, withNewest } from './newest.js';

const item = (at: number, id = `id-${at}`): Dated => ({ id, at: new Date(at).toISOString() });
const add = (items: readonly Dated[], added: Dated): Dated[] => withNewest(items, added, 3) ?? [...items];

describe('withNewest', () => {
  it('keeps the newest, newest first, in whatever order they come', () => {
    const expected = [item(5), item(4), item(3)];
    for (const order of [
      [1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1],
      [3, 5, 1, 4, 2],
    ]) {
      expect(order.map((at) => item(at)).reduce(add, [])).toEqual(expected);
    }
  });

  it('changes nothing for what is in the list', () => {
    expect(withNewest([item(2), item(1)], item(1), 3)).toBeUndefined();
  });

  it('changes nothing for what has left the list, so that even a late redelivery adds nothing', () => {
    const full = [item(5), item(4), item(3)];
    expect(withNewest(full, item(2), 3)).toBeUndefined();
  });

  it('orders what happened at one time by id', () => {
    const [a, b] = [item(1, 'a'), item(1, 'b')];
    expect(add([a], b)).toEqual([b, a]);
    expect(add([b], a)).toEqual([b, a]);
  });
});
