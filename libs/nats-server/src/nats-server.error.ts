/** Stable codes of {@link NatsServerError}; match on these, never on messages. */
export const NatsServerErrorCode = {
  /** No way of finding or obtaining a binary succeeded; `tried` says what each answered. */
  NotFound: 'NATS_SERVER_NOT_FOUND',
  /** A binary that was named explicitly is older than the minimum version. */
  TooOld: 'NATS_SERVER_TOO_OLD',
  /** A downloaded archive did not have its pinned SHA-256 and no other way succeeded. */
  Checksum: 'NATS_SERVER_CHECKSUM',
  /** The server process ended before it was ready. */
  StartFailed: 'NATS_SERVER_START_FAILED',
  /** The server runs but was not ready in time. */
  NotReady: 'NATS_SERVER_NOT_READY',
  /** A fixed port is taken by another process. */
  PortInUse: 'NATS_SERVER_PORT_IN_USE',
  /** An operation needs a running server and there is none. */
  NotRunning: 'NATS_SERVER_NOT_RUNNING',
  /** A signal could not be delivered, or the process outlived it. */
  SignalFailed: 'NATS_SERVER_SIGNAL_FAILED',
  /** An option, flag or environment variable has an unusable value. */
  OptionInvalid: 'NATS_SERVER_OPTION_INVALID',
} as const;

export type NatsServerErrorCode = (typeof NatsServerErrorCode)[keyof typeof NatsServerErrorCode];

/** One way of finding or obtaining a binary, and what came of it. */
export interface TriedWay {
  readonly way: string;
  readonly answer: string;
}

export interface NatsServerErrorDetails {
  readonly code: NatsServerErrorCode;
  /** What went wrong, as one clause without a full stop. */
  readonly problem: string;
  /** One sentence on what to do. */
  readonly remedy: string;
  readonly tried?: readonly TriedWay[];
  /** The last lines of the server's log, oldest first. */
  readonly logTail?: readonly string[];
  /** The port in question, for NATS_SERVER_PORT_IN_USE. */
  readonly port?: number;
  readonly cause?: unknown;
}

/** Every error this package throws. `message` holds the problem, the ways tried, the log's tail and the remedy. */
export class NatsServerError extends Error {
  override readonly name = 'NatsServerError';
  readonly code: NatsServerErrorCode;
  readonly tried: readonly TriedWay[];
  readonly logTail: readonly string[];
  readonly remedy: string;
  readonly port: number | undefined;

  constructor(details: NatsServerErrorDetails) {
    super(describe(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.tried = details.tried ?? [];
    this.logTail = details.logTail ?? [];
    this.remedy = details.remedy;
    this.port = details.port;
  }
}

function describe({ problem, remedy, tried = [], logTail = [] }: NatsServerErrorDetails): string {
  const parts = [`${problem}.`];
  if (tried.length > 0) {
    parts.push('Tried:', ...tried.map(({ way, answer }) => `  - ${way}: ${answer}`));
  }
  if (logTail.length > 0) {
    parts.push('The end of its log:', ...logTail.map((line) => `  | ${line}`));
  }
  parts.push(remedy);
  return parts.length === 2 ? parts.join(' ') : parts.join('\n');
}

export function invalidOption(problem: string): NatsServerError {
  return new NatsServerError({
    code: NatsServerErrorCode.OptionInvalid,
    problem,
    remedy: 'Correct the option and start again.',
  });
}

// By shape, not by class: a test runner or a vm context has an Error of its own.

/** The message of anything thrown, on one line. */
export function reasonOf(error: unknown): string {
  const text = textOf(error, 'message') ?? String(error);
  return text
    .trim()
    .split(/\s*\n\s*/)
    .join('; ');
}

/** The `code` of a system error, such as `ENOENT`. */
export function systemCodeOf(error: unknown): string | undefined {
  return textOf(error, 'code');
}

/** A text property of anything thrown; undefined when it has none, or an empty one. */
export function textOf(error: unknown, key: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
