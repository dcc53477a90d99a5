import { PriorityPlaces } from './priority.places.js';
import { Priority } from './task.queue.js';

const lanes = (places: number) => {
  const shared = new PriorityPlaces(places);
  const told: Priority[] = [];
  const open = (priority: Priority) => {
    const gate = shared.gate(priority);
    gate.watch(() => told.push(priority));
    return gate;
  };
  return { low: open('low'), high: open('high'), normal: open('normal'), told };
};

it('lets no more begin than there are places, whatever their priority', () => {
  const { low, high } = lanes(3);
  expect(low.admit(5, 5)).toBe(3);
  for (let n = 0; n < 2; n++) low.begun?.({});
  expect(high.admit(5, 5)).toBe(1);
  high.begun?.({});
  expect([low.admit(1, 1), high.admit(1, 1)]).toEqual([0, 0]);
});

it('offers a place that becomes free to the highest first', () => {
  const { low, told, high } = lanes(1);
  low.begun?.({});
  low.ended?.({});
  expect(told).toEqual(['high', 'normal', 'low']);
  expect(high.admit(1, 1)).toBe(1);
});

it('has a lane hold one task at most while the others have every place', () => {
  const { low, high } = lanes(1);
  expect(low.waitingLimit).toBe(Infinity);
  high.begun?.({});
  expect([low.waitingLimit, high.waitingLimit]).toEqual([1, Infinity]);
});
