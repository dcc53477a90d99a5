import { codeOf } from '../message.fixture.js';
import { constant } from './backoff.js';
import { FailureMatch } from './failure.match.js';
import { RetryOptions, retryPolicy } from './retry.policy.js';

class PaymentError extends Error {}
class PaymentDeclined extends PaymentError {}
abstract class GatewayError extends Error {}
class GatewayTimeout extends GatewayError {}

const attemptsFor = (options: RetryOptions, failure: Error): number =>
  retryPolicy(options).ruleFor(failure).attempts;

describe('a retry policy', () => {
  it('is five attempts, from half a second to half a minute, unless said otherwise', () => {
    const { attempts, ruleFor } = retryPolicy();
    expect(attempts).toBe(5);
    const rule = ruleFor(new Error('any'));
    expect(rule.attempts).toBe(5);
    for (const [failed, most] of [
      [1, 500],
      [2, 1000],
      [10, 30_000],
    ] as const) {
      expect(rule.backoff(failed)).toBeLessThanOrEqual(most);
    }
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %p attempts', (attempts) => {
    expect(codeOf(() => retryPolicy({ attempts }))).toBe('CONFIG_INVALID');
    expect(codeOf(() => retryPolicy({ overrides: [{ on: Error, attempts }] }))).toBe('CONFIG_INVALID');
  });

  it('tries again only what it is told to, by class or by function', () => {
    const options: RetryOptions = {
      attempts: 3,
      retryOn: [GatewayError, ({ message }) => message.includes('again')],
    };
    expect(attemptsFor(options, new GatewayTimeout())).toBe(3);
    expect(attemptsFor(options, new Error('try again'))).toBe(3);
    expect(attemptsFor(options, new Error('no'))).toBe(1);
  });

  it('gives up at once on what it is told to, subclasses included', () => {
    const options: RetryOptions = { attempts: 3, deadLetterOn: PaymentError };
    expect(attemptsFor(options, new PaymentDeclined())).toBe(1);
    expect(attemptsFor(options, new Error())).toBe(3);
  });

  it('gives up where it is told both', () =>
    expect(
      attemptsFor(
        { retryOn: Error, deadLetterOn: PaymentDeclined, overrides: [{ on: PaymentDeclined, attempts: 9 }] },
        new PaymentDeclined(),
      ),
    ).toBe(1));

  it('lets the first override that matches hold, with the rest as for the others', () => {
    const policy = retryPolicy({
      attempts: 3,
      backoff: constant(10),
      retryOn: GatewayError,
      overrides: [
        { on: PaymentDeclined, attempts: 1 },
        { on: [PaymentError], attempts: 8, backoff: constant(70) },
        { on: RangeError, backoff: constant(1) },
      ],
    });
    const ruleOf = (failure: Error): [number, number] => {
      const { attempts, backoff } = policy.ruleFor(failure);
      return [attempts, backoff(1)];
    };
    expect(ruleOf(new PaymentDeclined())).toEqual([1, 10]);
    expect(ruleOf(new PaymentError())).toEqual([8, 70]);
    expect(ruleOf(new RangeError())).toEqual([3, 1]);
    expect(ruleOf(new GatewayTimeout())).toEqual([3, 10]);
    expect(ruleOf(new Error())[0]).toBe(1);
    // A delivery beyond this was not answered: it may have failed in any way.
    expect(policy.attempts).toBe(8);
  });

  it.each([['PaymentError'], [undefined], [{}]])('refuses to match %p', (match) =>
    expect(codeOf(() => retryPolicy({ retryOn: [match as unknown as FailureMatch] }))).toBe('CONFIG_INVALID'),
  );
});
