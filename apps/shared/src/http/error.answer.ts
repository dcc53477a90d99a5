import { HttpException, HttpStatus } from '@nestjs/common';
import { ContractViolationError, ErrorCode, MillraceError, PublishError, Violation } from '@millrace/core';

/** What an HTTP client is told about an error: never a stack, a cause, or the name of a subject or stream. */
export interface ErrorAnswer {
  statusCode: number;
  /** Stable, to match on. */
  code: string;
  message: string;
  /** What is wrong with the request, by path. */
  violations?: readonly Violation[];
  /** Of a 503: whether what the request asked for may have happened all the same. */
  mayBeStored?: boolean;
  [more: string]: unknown;
}

const UNAVAILABLE = 'The service cannot reach its storage at the moment; try again';

const ANSWERS: Partial<Record<ErrorCode, Pick<ErrorAnswer, 'statusCode' | 'message'>>> = {
  [ErrorCode.EventInvalid]: { statusCode: 400, message: 'The request is not valid' },
  [ErrorCode.ValueInvalid]: { statusCode: 400, message: 'The request is not valid' },
  [ErrorCode.KeyInvalid]: { statusCode: 400, message: 'The request is not valid' },
  [ErrorCode.KeyNotFound]: { statusCode: 404, message: 'There is no such thing' },
  [ErrorCode.ScheduleUnknown]: { statusCode: 404, message: 'There is no such schedule' },
  [ErrorCode.ScheduleExists]: { statusCode: 409, message: 'There is a schedule of this name already' },
  [ErrorCode.FencedOut]: { statusCode: 409, message: 'Somebody else took over meanwhile; try again' },
  [ErrorCode.RevisionConflict]: { statusCode: 409, message: 'Somebody else changed it meanwhile; try again' },
  [ErrorCode.EventTooLarge]: { statusCode: 413, message: 'The request is too large' },
  [ErrorCode.ValueTooLarge]: { statusCode: 413, message: 'The request is too large' },
  [ErrorCode.LockTimeout]: { statusCode: 423, message: 'Others are at work on it; try again' },
  [ErrorCode.KeyUnknown]: { statusCode: 500, message: 'It is encrypted with a key that is not there' },
  [ErrorCode.LockLost]: {
    statusCode: 503,
    message: 'It took too long, and others may be at work on it; try again',
  },
  [ErrorCode.LocksClosed]: { statusCode: 503, message: 'The service is stopping; try again' },
  [ErrorCode.PublishTimeout]: { statusCode: 503, message: UNAVAILABLE },
  [ErrorCode.PublishNoStream]: { statusCode: 503, message: UNAVAILABLE },
  [ErrorCode.PublishRejected]: { statusCode: 503, message: UNAVAILABLE },
  [ErrorCode.StorageUnavailable]: { statusCode: 503, message: UNAVAILABLE },
  [ErrorCode.ConnectionClosed]: { statusCode: 503, message: UNAVAILABLE },
  [ErrorCode.ConnectionFailed]: { statusCode: 503, message: UNAVAILABLE },
  [ErrorCode.ConnectionRefused]: { statusCode: 503, message: UNAVAILABLE },
};

const INTERNAL: ErrorAnswer = { statusCode: 500, code: 'INTERNAL', message: 'Something went wrong' };

/** The answer to anything that a request handler may throw. */
export const answerOf = (error: unknown): ErrorAnswer => {
  if (error instanceof MillraceError) return ofMillraceError(error);
  if (error instanceof HttpException) return ofHttpException(error);
  if (isClientError(error)) {
    return { statusCode: error.statusCode, code: codeOf(error.statusCode), message: error.message };
  }
  return INTERNAL;
};

const ofMillraceError = (error: MillraceError): ErrorAnswer => {
  const known = ANSWERS[error.code];
  if (!known) return INTERNAL;
  return {
    ...(isUnanswered(error) ? { statusCode: 503, message: UNAVAILABLE } : known),
    code: error.code,
    ...(error instanceof ContractViolationError ? { violations: error.violations } : {}),
    ...(error instanceof PublishError ? { mayBeStored: error.mayBeStored } : {}),
    ...(error.code === ErrorCode.LockLost ? { mayBeStored: true } : {}),
  };
};

// A wait for a lock of which the server could not even tell who has it. Nothing was done.
const isUnanswered = ({ code, details }: MillraceError): boolean =>
  code === ErrorCode.LockTimeout && details['holder'] === undefined && details['ahead'] === 0;

const ofHttpException = (error: HttpException): ErrorAnswer => {
  const statusCode = error.getStatus();
  const said: unknown = error.getResponse();
  // Nest's own exceptions say `{ statusCode, message, error }`, ours `{ code, message, … }`.
  const {
    error: _name,
    statusCode: _status,
    ...fields
  } = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  return { statusCode, code: codeOf(statusCode), message: error.message, ...fields };
};

/** `404` as `NOT_FOUND`. */
const codeOf = (statusCode: number): string => HttpStatus[statusCode] ?? 'ERROR';

interface ClientError {
  statusCode: number;
  message: string;
}

// What body-parser throws: an error that says it may be shown (`expose`).
const isClientError = (error: unknown): error is ClientError =>
  error instanceof Error &&
  'expose' in error &&
  error.expose === true &&
  'statusCode' in error &&
  typeof error.statusCode === 'number';
