import { configInvalid } from '@millrace/core';
import { Backoff, exponential } from './backoff.js';
import { failureMatcher, FailureMatches } from './failure.match.js';

/** How often to try, and how long to wait in between. */
export interface RetryRule {
  readonly attempts: number;
  readonly backoff: Backoff;
}

/** What holds for some failures; what is left out is as for all others. */
export interface RetryOverride extends Partial<RetryRule> {
  on: FailureMatches;
}

export interface RetryOptions {
  /** How often a message is tried altogether, the first time included. Default 5. */
  attempts?: number;
  /** How long to wait in between. Default `exponential('500ms', '30s')`. */
  backoff?: Backoff;
  /** Only these failures are tried again; any other goes to the dead letters at once. Default: all. */
  retryOn?: FailureMatches;
  /** These failures go to the dead letters at once, whatever else is said of them. */
  deadLetterOn?: FailureMatches;
  /** Failures that are tried more or less often, or at other times, than the others. The first that matches holds. */
  overrides?: readonly RetryOverride[];
}

export interface RetryPolicy {
  /** The most that any failure is tried: a delivery beyond it is not handled. */
  readonly attempts: number;
  readonly ruleFor: (failure: Error) => RetryRule;
}

interface FailureRule {
  matches: (error: Error) => boolean;
  rule: RetryRule;
}

/** @throws `CONFIG_INVALID` for fewer than one attempt, and for what matches no failure. */
export const retryPolicy = ({
  attempts = 5,
  backoff = exponential('500ms', '30s'),
  retryOn,
  deadLetterOn,
  overrides = [],
}: RetryOptions = {}): RetryPolicy => {
  const usual: RetryRule = { attempts: assertAttempts(attempts), backoff };
  const once: RetryRule = { attempts: 1, backoff };
  const rules: FailureRule[] = overrides.map(({ on, ...rest }) => ({
    matches: failureMatcher(on, 'retry.overrides.on'),
    rule: { attempts: assertAttempts(rest.attempts ?? attempts), backoff: rest.backoff ?? backoff },
  }));
  if (deadLetterOn !== undefined) {
    rules.unshift({ matches: failureMatcher(deadLetterOn, 'retry.deadLetterOn'), rule: once });
  }
  if (retryOn !== undefined) {
    rules.push({ matches: failureMatcher(retryOn, 'retry.retryOn'), rule: usual });
  }
  const otherwise = retryOn === undefined ? usual : once;
  return {
    attempts: Math.max(usual.attempts, ...rules.map(({ rule }) => rule.attempts)),
    ruleFor: (failure) => rules.find(({ matches }) => matches(failure))?.rule ?? otherwise,
  };
};

const assertAttempts = (attempts: number): number => {
  if (Number.isSafeInteger(attempts) && attempts >= 1) return attempts;
  throw configInvalid(`retry.attempts is ${attempts}`, 'Give a whole number of at least 1');
};
