import { ErrorCode, errorMessage, MillraceError, PublishError } from '@millrace/core';

const SHOWN_KEY_LENGTH = 64;

/** A key as errors and logs show it. */
export const shownKey = (key: string): string =>
  key.length <= SHOWN_KEY_LENGTH ? key : `${key.slice(0, SHOWN_KEY_LENGTH)}…`;

/** A write expected a revision that the key does not have. Nothing was written. */
export class RevisionConflictError extends MillraceError {
  override readonly name = 'RevisionConflictError';
  readonly bucket: string;
  readonly key: string;
  /** The revision that was expected; 0 for "no value". */
  readonly expected: number;
  /** The revision found; 0 for "no value". */
  readonly found: number;

  constructor({ bucket, key, expected, found, cause }: RevisionConflict) {
    const now = found === 0 ? 'it has no value' : `it has revision ${found}`;
    const wanted = expected === 0 ? 'no value' : `revision ${expected}`;
    super(
      ErrorCode.RevisionConflict,
      `'${shownKey(key)}' in bucket '${bucket}' should have ${wanted}, but ${now}`,
      {
        remedy: 'Read it again and decide anew',
        details: { bucket, key, expected, found },
        cause,
      },
    );
    this.bucket = bucket;
    this.key = key;
    this.expected = expected;
    this.found = found;
  }
}

export interface RevisionConflict {
  bucket: string;
  key: string;
  expected: number;
  found: number;
  cause?: unknown;
}

export const keyNotFound = (bucket: string, key: string): MillraceError =>
  new MillraceError(ErrorCode.KeyNotFound, `Bucket '${bucket}' has no key '${shownKey(key)}'`, {
    remedy: 'Create it first, or use get(), which answers undefined',
    details: { bucket, key },
  });

export interface UnreadableValue {
  bucket: string;
  key: string;
  revision: number;
  cause: unknown;
}

export const valueUnreadable = ({ cause, ...details }: UnreadableValue): MillraceError =>
  new MillraceError(
    ErrorCode.ValueUnreadable,
    `The value of '${shownKey(details.key)}' in bucket '${details.bucket}' (revision ${details.revision}) cannot be read: ${errorMessage(cause)}`,
    {
      remedy: 'Mend it with the client that wrote it, overwrite it with put(), or delete it',
      details,
      cause,
    },
  );

export interface TooLarge {
  code: typeof ErrorCode.ValueTooLarge | typeof ErrorCode.EventTooLarge;
  subject: string;
  bytes: number;
  limit?: number | undefined;
  cause?: unknown;
}

export const tooLarge = ({ code, cause, ...details }: TooLarge): MillraceError =>
  new MillraceError(code, `The message to '${details.subject}' has ${details.bytes} bytes`, {
    remedy:
      details.limit === undefined
        ? "The bucket's stream takes no such size (max_msg_size): store what is large elsewhere, and a reference here"
        : `Keep it below the server's limit of ${details.limit} bytes (max_payload): store what is large elsewhere, and a reference here`,
    details,
    cause,
  });

export const storageUnavailable = (what: string, timeoutMs: number, cause: unknown): MillraceError =>
  new MillraceError(
    ErrorCode.StorageUnavailable,
    `${what} was not answered within ${Math.round(timeoutMs)} ms`,
    {
      remedy: 'Check that NATS is reachable and that the stream has a leader, then try again',
      details: { what, timeoutMs },
      cause,
    },
  );

/** A write whose outcome could not be learned before its deadline. */
export const unsettledWrite = (subject: string, cause: unknown): PublishError =>
  new PublishError(ErrorCode.PublishTimeout, `'${subject}' was not confirmed in time`, {
    remedy: 'Read the key to see whether it was written, then decide anew',
    details: { subject },
    mayBeStored: true,
    serverCode: cause instanceof PublishError ? cause.serverCode : undefined,
    cause,
  });

/** A write that waited behind others until its deadline had passed. Nothing was sent. */
export const noTurn = (what: string): PublishError =>
  new PublishError(ErrorCode.PublishTimeout, `${what} did not get its turn in time`, {
    remedy: "Write less at once, or raise the connection's publish deadline",
    mayBeStored: false,
  });
