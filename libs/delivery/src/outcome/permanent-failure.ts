import { ErrorCode, MillraceError } from '@millrace/core';

/** Failures that no retry can mend: the message itself is wrong, or the handler said so. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCode.Permanent,
  ErrorCode.EventUnreadable,
  ErrorCode.EventVersionUnknown,
  ErrorCode.AttemptsExhausted,
]);

export const isPermanentFailure = (error: unknown): boolean =>
  error instanceof MillraceError && PERMANENT.has(error.code);
