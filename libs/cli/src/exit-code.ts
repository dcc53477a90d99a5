import { ErrorCode, MillraceError } from '@millrace/core';

/** What the command ends with. */
export const ExitCode = {
  Done: 0,
  /** It could not be done, or not all of it. */
  Failed: 1,
  /** The command line, or an environment variable in its place, is wrong. */
  Usage: 2,
  /** NATS could not be reached, or refused the connection. */
  Unreachable: 3,
  /** What was named does not exist. */
  NotFound: 4,
  /** Stopped by SIGINT or SIGTERM before it was done: 128 and the number of SIGINT, as shells count. */
  Interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const EXIT_CODES: Partial<Record<ErrorCode, ExitCode>> = {
  [ErrorCode.ConfigInvalid]: ExitCode.Usage,
  [ErrorCode.DurationInvalid]: ExitCode.Usage,
  [ErrorCode.ConnectionFailed]: ExitCode.Unreachable,
  [ErrorCode.ConnectionRefused]: ExitCode.Unreachable,
  [ErrorCode.ConnectionClosed]: ExitCode.Unreachable,
  [ErrorCode.DeadLetterUnknown]: ExitCode.NotFound,
  [ErrorCode.ScheduleUnknown]: ExitCode.NotFound,
  [ErrorCode.GroupUnknown]: ExitCode.NotFound,
};

export const exitCodeOf = (error: unknown): ExitCode =>
  (error instanceof MillraceError ? EXIT_CODES[error.code] : undefined) ?? ExitCode.Failed;
