import { setTimeout as delay } from 'node:timers/promises';
import { backPressure } from './back.pressure.js';

describe('back-pressure', () => {
  const start = (size: number, stallMs = 60_000) => {
    const ledger = { size };
    const stop = new AbortController();
    return { ledger, stop, pace: backPressure({ ledger, limit: 10, stallMs, stop: stop.signal }) };
  };

  it('waits until the apps have caught up', async () => {
    const { ledger, pace } = start(10);
    let passed = false;
    const waiting = pace().then(() => (passed = true));
    await delay(120);
    expect(passed).toBe(false);
    ledger.size = 9;
    await waiting;
    await pace();
  });

  it('gives up where nothing is handled, and waits on where something is', async () => {
    const stalled = start(10, 150);
    await expect(stalled.pace()).rejects.toThrow('10 events wait, and none was handled for 0.15 s');
    const slow = start(16, 400);
    const timer = setInterval(() => slow.ledger.size--, 100);
    await slow.pace();
    clearInterval(timer);
  });

  it('ends when it is told to stop', async () => {
    const { stop, pace } = start(10);
    const waiting = pace();
    stop.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});
