import { ErrorCode } from './error-codes.js';

export interface MillraceErrorOptions {
  /** One sentence on what to do about it. */
  remedy: string;
  /** The fields that matter, safe to log. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/**
 * The one error type that Millrace lets reach a user. `code` is stable, `details` holds the fields that
 * matter, `remedy` says what to do, `cause` keeps the error underneath.
 */
export class MillraceError extends Error {
  override readonly name: string = 'MillraceError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, problem: string, options: MillraceErrorOptions) {
    super(
      `${problem}. ${options.remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.remedy = options.remedy;
    this.details = options.details ?? {};
  }

  /** Whether `error` is a `MillraceError`, of the given code when one is named. */
  static is(error: unknown, code?: ErrorCode): error is MillraceError {
    return error instanceof MillraceError && (code === undefined || error.code === code);
  }

  /** What a log line or an HTTP answer may show: no stack, no cause. */
  toJSON(): Record<string, unknown> {
    return { ...this.details, code: this.code, message: this.message, remedy: this.remedy };
  }
}

/** Throw this from a handler when a retry cannot help: the event goes to the dead letters at once. */
export class PermanentError extends MillraceError {
  override readonly name = 'PermanentError';

  constructor(
    problem: string,
    options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(ErrorCode.Permanent, problem, {
      ...options,
      remedy: 'Mend the cause, then replay the dead letter',
    });
  }
}

/** A publish that the server did not confirm. `mayBeStored` says whether it may have been stored all the same. */
export class PublishError extends MillraceError {
  override readonly name = 'PublishError';
  /** `false` only when the message can not have reached the server's store. */
  readonly mayBeStored: boolean;
  /** The server's own `err_code`, where it answered with one. */
  readonly serverCode: number | undefined;

  constructor(
    code: ErrorCode,
    problem: string,
    options: MillraceErrorOptions & { mayBeStored: boolean; serverCode?: number | undefined },
  ) {
    const { mayBeStored, serverCode } = options;
    super(code, problem, { ...options, details: { ...options.details, mayBeStored, serverCode } });
    this.mayBeStored = mayBeStored;
    this.serverCode = serverCode;
  }
}

export interface Violation {
  /** Where, as in `lines.0.quantity`. */
  path: string;
  /** The constraint's name, as in `isInt`. */
  constraint: string;
  message: string;
}

/** The codes of values that do not satisfy their class, by what they are. */
export type ViolationCode =
  | typeof ErrorCode.EventInvalid
  | typeof ErrorCode.ValueInvalid
  | typeof ErrorCode.CommandInvalid
  | typeof ErrorCode.ReplyInvalid;

/** A value that does not satisfy its class. `violations` lists every constraint that failed, by path. */
export class ContractViolationError extends MillraceError {
  override readonly name = 'ContractViolationError';
  declare readonly code: ViolationCode;
  readonly violations: readonly Violation[];

  constructor(
    code: ViolationCode,
    /** What is not valid, as in `order.paid`. */
    readonly subject: string,
    violations: readonly Violation[],
  ) {
    const list = violations.map(({ path, message }) => `${path || '(value)'}: ${message}`).join('; ');
    super(code, `${subject} is not valid: ${list}`, {
      remedy: 'Correct the listed fields',
      details: { violations },
    });
    this.violations = violations;
  }
}

export const configInvalid = (problem: string, remedy: string): MillraceError =>
  new MillraceError(ErrorCode.ConfigInvalid, problem, { remedy });
