import { configInvalid, ErrorCode, isPending, MillraceError, toError } from '@millrace/core';
import { HandBacks } from '../hand-backs/hand-backs.js';
import { Delivery } from '../message/delivery.js';
import { Outcome } from '../outcome/outcome.js';
import { isPermanentFailure } from '../outcome/permanent-failure.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { Middleware } from './middleware.js';

/** What a failed attempt leads to. @throws MillraceError `CONFIG_INVALID` for a back-off that gives no time. */
export const outcomeOfFailure = (thrown: unknown, attempt: number, policy: RetryPolicy): Outcome => {
  const cause = toError(thrown);
  if (isPermanentFailure(cause)) return { kind: 'dead-letter', cause };
  const { attempts, backoff } = policy.ruleFor(cause);
  if (attempt >= attempts) return { kind: 'dead-letter', cause };
  const delayMs = backoff(attempt);
  if (delayMs >= 0) return { kind: 'retry', delayMs, cause };
  throw configInvalid(`retry.backoff gave ${delayMs}`, 'Let it return milliseconds, 0 or more');
};

/**
 * Turns what a handler throws into an outcome. The server counts deliveries without end, so a message whose
 * handler took the process down on its last attempt comes back once more, and is dead-lettered here, unless it
 * went back without having been handled.
 */
export const retry =
  <M extends Delivery>(policy: RetryPolicy, handBacks?: HandBacks): Middleware<M> =>
  (next) => {
    const attempt = (message: M): Outcome | PromiseLike<Outcome> => {
      try {
        const outcome = next(message);
        if (!isPending(outcome)) return outcome;
        return outcome.then(undefined, (error) => outcomeOfFailure(error, message.attempt, policy));
      } catch (error) {
        return outcomeOfFailure(error, message.attempt, policy);
      }
    };
    const beyondTheLast = async (message: M): Promise<Outcome> =>
      (await handBacks?.wasUnhandled(message))
        ? attempt(message)
        : { kind: 'dead-letter', cause: attemptsExhausted(policy) };
    return (message) => (message.attempt > policy.attempts ? beyondTheLast(message) : attempt(message));
  };

const attemptsExhausted = ({ attempts }: RetryPolicy): MillraceError =>
  new MillraceError(
    ErrorCode.AttemptsExhausted,
    `${attempts} of ${attempts} attempts were used up, the last one without an answer`,
    {
      remedy: 'Look for a handler that crashed, was killed or never ended, then replay the dead letter',
      details: { attempts },
    },
  );
