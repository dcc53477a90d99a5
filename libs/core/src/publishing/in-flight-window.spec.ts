import { InFlightWindow } from './in-flight-window.js';

const full = (limit: number): InFlightWindow => {
  const window = new InFlightWindow(limit);
  while (window.tryEnter());
  return window;
};

it('lets in as many as its limit', () => {
  const window = full(3);
  expect([window.size, window.tryEnter()]).toEqual([3, false]);
  window.leave();
  expect([window.size, window.tryEnter(), window.size]).toEqual([2, true, 3]);
});

it('admits who waits, first come first served, and never more than its limit', () => {
  const window = full(2);
  const entered: number[] = [];
  for (const id of [1, 2, 3]) window.enterWhenFree(() => void entered.push(id));
  expect(entered).toEqual([]);
  window.leave();
  expect([entered, window.size]).toEqual([[1], 2]);
  window.leave();
  window.leave();
  expect([entered, window.size]).toEqual([[1, 2, 3], 2]);
  window.leave();
  window.leave();
  expect(window.size).toBe(0);
});

it('passes over who gave up', () => {
  const window = full(1);
  const entered: number[] = [];
  const giveUp = [1, 2, 3].map((id) => window.enterWhenFree(() => void entered.push(id)));
  giveUp[0]?.();
  giveUp[1]?.();
  giveUp[1]?.();
  window.leave();
  giveUp[2]?.();
  expect([entered, window.size]).toEqual([[3], 1]);
});

it('outlasts a long line of those who leave as soon as they enter', () => {
  const window = full(1);
  let admitted = 0;
  for (let at = 0; at < 200_000; at++) {
    window.enterWhenFree(() => {
      admitted++;
      window.leave();
    });
  }
  window.leave();
  expect([admitted, window.size]).toEqual([200_000, 0]);
});

it('keeps its order and bound through random use', () => {
  const window = new InFlightWindow(7);
  const expected: number[] = [];
  const entered: number[] = [];
  for (let id = 0; id < 20_000; id++) {
    if (!window.tryEnter()) {
      expected.push(id);
      window.enterWhenFree(() => void entered.push(id));
    }
    if (id % 3 !== 0) window.leave();
    expect(window.size).toBeLessThanOrEqual(7);
  }
  expect(entered).toEqual(expected.slice(0, entered.length));
  expect(entered.length).toBeGreaterThan(5000);
});
