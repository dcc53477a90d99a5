import { jest } from '@jest/globals';
import { delay, settlesWithin, systemClock } from './clock.js';

const DAY = 86_400_000;

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('runs a task once, when it is due', () => {
    const task = jest.fn();
    systemClock.after(100, task);
    jest.advanceTimersByTime(99);
    expect(task).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('waits longer than a timer of Node can, instead of firing at once', () => {
    const task = jest.fn();
    systemClock.after(60 * DAY, task);
    jest.advanceTimersByTime(60 * DAY - 1);
    expect(task).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('cancels a long wait after its first leg', () => {
    const task = jest.fn();
    const timer = systemClock.after(60 * DAY, task);
    jest.advanceTimersByTime(50 * DAY);
    timer.cancel();
    jest.advanceTimersByTime(50 * DAY);
    expect(task).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('repeats a task until it is cancelled', () => {
    const task = jest.fn();
    const timer = systemClock.every(10, task);
    jest.advanceTimersByTime(35);
    timer.cancel();
    jest.advanceTimersByTime(35);
    expect(task).toHaveBeenCalledTimes(3);
  });

  it('ends a delay at once when its signal aborts, and leaves no timer', async () => {
    const controller = new AbortController();
    const waiting = delay(60 * DAY, controller.signal);
    controller.abort();
    await waiting;
    await delay(60 * DAY, controller.signal);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells whether work settles in time, and leaves no timer', async () => {
    expect(await settlesWithin(Promise.resolve(), 1000)).toBe(true);
    expect(await settlesWithin(Promise.reject(new Error('failed')), 1000)).toBe(true);
    const late = settlesWithin(new Promise(() => undefined), 1000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await late).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});

it('never runs backwards', () => {
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
});
