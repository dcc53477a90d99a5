import { FakeClock } from '../clock.fixture.js';
import { fakeDelivery } from '../message.fixture.js';
import { ACK } from '../outcome/outcome.js';
import { timeout } from './timeout.middleware.js';

describe('timeout', () => {
  let clock: FakeClock;
  beforeEach(() => (clock = new FakeClock()));

  it('passes on what comes in time, and leaves no timer', async () => {
    const message = fakeDelivery();
    expect(await timeout(100, clock)(() => Promise.resolve(ACK))(message)).toBe(ACK);
    expect(clock.pending).toBe(0);
    expect(message.signal.aborted).toBe(false);
  });

  it('fails the attempt and aborts its signal when the time is up', async () => {
    const message = fakeDelivery({ attempt: 2 });
    const handling = timeout(100, clock)(() => new Promise(() => undefined))(message);
    clock.advance(99);
    expect(message.signal.aborted).toBe(false);
    clock.advance(1);
    await expect(handling).rejects.toMatchObject({
      code: 'HANDLER_TIMEOUT',
      details: { timeoutMs: 100, group: 'g', attempt: 2 },
    });
    expect(message.signal.reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('takes no notice of what a handler does after its time', async () => {
    let fail: (error: Error) => void = () => undefined;
    const handling = timeout(10, clock)(() => new Promise((_, reject) => (fail = reject)))(fakeDelivery());
    clock.advance(10);
    fail(new Error('late'));
    await expect(handling).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('leaves no timer behind a handler that throws at once', async () => {
    const message = fakeDelivery();
    const handling = timeout(
      100,
      clock,
    )(() => {
      throw new Error('at once');
    })(message);
    await expect(handling).rejects.toThrow('at once');
    expect(clock.pending).toBe(0);
  });
});
