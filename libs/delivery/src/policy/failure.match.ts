import { configInvalid } from '@millrace/core';

/** A class of errors, its subclasses included. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** Some failures: of a class, or those that a function says yes to. */
export type FailureMatch = ErrorClass | ((error: Error) => boolean);

/** One or several: a failure that any of them takes. */
export type FailureMatches = FailureMatch | readonly FailureMatch[];

const isErrorClass = (match: FailureMatch): match is ErrorClass => {
  const { prototype } = match as { prototype?: unknown };
  return match === Error || prototype instanceof Error;
};

/**
 * Whether a failure is one of `matches`. @param what names the option in the error.
 * @throws MillraceError `CONFIG_INVALID` for what is neither a class of errors nor a function.
 */
export const failureMatcher = (matches: FailureMatches, what: string): ((error: Error) => boolean) => {
  const tests = (
    Array.isArray(matches) ? (matches as readonly FailureMatch[]) : [matches as FailureMatch]
  ).map((match) => testOf(match, what));
  return (error) => tests.some((test) => test(error));
};

const testOf = (match: FailureMatch, what: string): ((error: Error) => boolean) => {
  if (typeof match !== 'function') {
    throw configInvalid(`${what} holds ${String(match)}`, 'Give classes of errors, or functions of an error');
  }
  return isErrorClass(match) ? (error) => error instanceof match : match;
};
