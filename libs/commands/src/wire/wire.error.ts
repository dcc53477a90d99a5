import {
  assertNever,
  ContractViolationError,
  ErrorCode,
  MillraceError,
  Violation,
  ViolationCode,
} from '@millrace/core';

/** An error as it crosses the wire: never a stack, never a cause. */
export type WireError =
  | { kind: 'violations'; code: ViolationCode; subject: string; violations: readonly Violation[] }
  | { kind: 'http'; status: number; message: string; response: unknown }
  | { kind: 'millrace'; code: ErrorCode; problem: string; remedy: string; details: Record<string, unknown> };

/** What an HTTP exception says. */
export interface HttpAnswer {
  status: number;
  message: string;
  /** A text or an object, as `HttpException.getResponse()` gives it. */
  response: unknown;
}

/** The web framework's exceptions, as the engine sees them. */
export interface HttpExceptions {
  /** `undefined` for any other error. */
  read(error: unknown): HttpAnswer | undefined;
  create(answer: HttpAnswer): Error;
}

const VIOLATION_STATUS = 422;
const FAILED_STATUS = 500;
const STATUS: Partial<Record<ErrorCode, number>> = {
  COMMAND_UNREADABLE: 400,
  COMMAND_CANCELLED: 499,
  COMMAND_OVERLOADED: 503,
  COMMAND_TIMEOUT: 504,
};
const CODES: ReadonlySet<unknown> = new Set(Object.values(ErrorCode));

/** What a caller is told of `error`. The text of an error that was not meant for callers stays here. */
export const toWireError = (type: string, error: unknown, http: HttpExceptions): WireError => {
  if (error instanceof ContractViolationError) {
    const { code, subject, violations } = error;
    return { kind: 'violations', code, subject, violations };
  }
  if (error instanceof MillraceError) {
    const { code, message, remedy, details } = error;
    return { kind: 'millrace', code, problem: message.slice(0, -`. ${remedy}`.length), remedy, details };
  }
  const answer = http.read(error);
  if (answer) return { kind: 'http', ...answer };
  return {
    kind: 'millrace',
    code: ErrorCode.CommandFailed,
    problem: `The handler of ${type} failed`,
    remedy:
      "See the log of the handler's application; throw an HTTP exception or a MillraceError to tell more",
    details: { type },
  };
};

/** The error's number, in the manner of HTTP, for whoever only reads headers. */
export const statusOf = (error: WireError): number => {
  if (error.kind === 'http') return error.status;
  return error.kind === 'violations' ? VIOLATION_STATUS : (STATUS[error.code] ?? FAILED_STATUS);
};

/** One line of ASCII. */
export const summaryOf = (error: WireError): string => {
  const text = error.kind === 'http' ? error.message : error.code;
  return text.replace(/[^\x20-\x7e]/g, ' ').slice(0, 256) || 'error';
};

/** The error for a caller to catch, of the class that was thrown. */
export const fromWireError = (error: WireError, http: HttpExceptions): Error => {
  switch (error.kind) {
    case 'violations':
      return new ContractViolationError(error.code, error.subject, error.violations);
    case 'http':
      return http.create(error);
    case 'millrace':
      return new MillraceError(error.code, error.problem, error);
    default:
      return assertNever(error);
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isViolation = (value: unknown): value is Violation =>
  isRecord(value) && ['path', 'constraint', 'message'].every((field) => typeof value[field] === 'string');

/** Reads an error from a decoded body; `undefined` where another service wrote it in its own way. */
export const parseWireError = (value: unknown): WireError | undefined => {
  if (!isRecord(value)) return undefined;
  const { kind, code, subject, violations, status, message, response, problem, remedy, details } = value;
  if (kind === 'http' && typeof status === 'number' && typeof message === 'string') {
    return { kind, status, message, response };
  }
  if (!CODES.has(code)) return undefined;
  if (kind === 'violations' && typeof subject === 'string' && Array.isArray(violations)) {
    return { kind, code: code as ViolationCode, subject, violations: violations.filter(isViolation) };
  }
  if (kind !== 'millrace' || typeof problem !== 'string' || typeof remedy !== 'string') return undefined;
  return { kind, code: code as ErrorCode, problem, remedy, details: isRecord(details) ? details : {} };
};
