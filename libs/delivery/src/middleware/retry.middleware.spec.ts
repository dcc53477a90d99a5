import { jest } from '@jest/globals';
import { ErrorCode, MillraceError, PermanentError } from '@millrace/core';
import { codeOf, fakeDelivery } from '../message.fixture.js';
import { ACK } from '../outcome/outcome.js';
import { constant } from '../policy/backoff.js';
import { retryPolicy } from '../policy/retry.policy.js';
import { outcomeOfFailure, retry } from './retry.middleware.js';

const policy = retryPolicy({ attempts: 3, backoff: (failed: number) => failed * 100 });

describe('outcomeOfFailure', () => {
  const cause = new Error('no');
  it('tries again after the back-off of the attempts so far', () =>
    expect(outcomeOfFailure(cause, 2, policy)).toEqual({ kind: 'retry', delayMs: 200, cause }));

  it.each([3, 4])('gives up at attempt %d of 3', (attempt) =>
    expect(outcomeOfFailure(cause, attempt, policy)).toEqual({ kind: 'dead-letter', cause }),
  );

  it('gives up at once on what no retry can mend', () => {
    const hopeless = new PermanentError('wrong');
    expect(outcomeOfFailure(hopeless, 1, policy)).toEqual({ kind: 'dead-letter', cause: hopeless });
    const unreadable = new MillraceError(ErrorCode.EventUnreadable, 'x', { remedy: 'y' });
    expect(outcomeOfFailure(unreadable, 1, policy)).toEqual({ kind: 'dead-letter', cause: unreadable });
  });

  it('makes an error of whatever was thrown', () =>
    expect(outcomeOfFailure('text', 1, policy)).toMatchObject({ cause: { message: 'text', cause: 'text' } }));

  it.each([Number.NaN, -1, undefined])('refuses a back-off of %p', (wait) =>
    expect(
      codeOf(() => outcomeOfFailure(cause, 1, retryPolicy({ attempts: 2, backoff: () => wait as number }))),
    ).toBe('CONFIG_INVALID'),
  );

  it('asks for no back-off where there is no further attempt', () => {
    const backoff = jest.fn(() => 1);
    outcomeOfFailure(cause, 3, retryPolicy({ attempts: 3, backoff }));
    expect(backoff).not.toHaveBeenCalled();
  });
});

describe('retry', () => {
  it('passes an outcome on', async () =>
    expect(await retry(policy)(() => Promise.resolve(ACK))(fakeDelivery())).toBe(ACK));

  it('turns a failure into an outcome', async () => {
    const fail = retry(policy)(() => Promise.reject(new Error('no')));
    expect(await fail(fakeDelivery({ attempt: 1 }))).toMatchObject({ kind: 'retry', delayMs: 100 });
    expect(await fail(fakeDelivery({ attempt: 3 }))).toMatchObject({ kind: 'dead-letter' });
  });

  it('handles the last attempt, and none beyond it: its handler took the process down', async () => {
    const next = jest.fn(() => Promise.resolve(ACK));
    const handle = retry(retryPolicy({ attempts: 2, backoff: constant(0) }))(next);
    await handle(fakeDelivery({ attempt: 2 }));
    expect(next).toHaveBeenCalledTimes(1);
    expect(await handle(fakeDelivery({ attempt: 3 }))).toMatchObject({
      kind: 'dead-letter',
      cause: { code: 'ATTEMPTS_EXHAUSTED' },
    });
    expect(next).toHaveBeenCalledTimes(1);
  });
});
