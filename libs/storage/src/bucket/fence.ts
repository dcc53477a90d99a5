import { configInvalid, ErrorCode, MillraceError } from '@millrace/core';
import { shownKey } from './storage.errors.js';

/** What a writer holds: a lease's name and its fencing token. A `Lock` of `@millrace/locks` is one. */
export interface Fence {
  readonly name: string;
  /** Higher than that of any earlier holder. */
  readonly token: number;
}

/** A write carried a token older than the newest that its key has seen. Nothing was written. */
export class FencedOutError extends MillraceError {
  override readonly name = 'FencedOutError';
  readonly bucket: string;
  readonly key: string;
  readonly fence: string;
  readonly token: number;
  /** The newest token that the key has seen. */
  readonly newest: number;

  constructor({ bucket, key, fence, newest }: FencedOut) {
    super(
      ErrorCode.FencedOut,
      `'${shownKey(key)}' in bucket '${bucket}' has seen token ${newest} of '${fence.name}', newer than ${fence.token}`,
      {
        remedy: 'Somebody else has held the lock since: give up what you were doing, or acquire it again',
        details: { bucket, key, fence: fence.name, token: fence.token, newest },
      },
    );
    this.bucket = bucket;
    this.key = key;
    this.fence = fence.name;
    this.token = fence.token;
    this.newest = newest;
  }
}

interface FencedOut {
  bucket: string;
  key: string;
  fence: Fence;
  newest: number;
}

/** @throws MillraceError `CONFIG_INVALID` */
export const assertFence = ({ name, token }: Fence): void => {
  if (typeof name === 'string' && Number.isSafeInteger(token) && token >= 0) return;
  throw configInvalid(`${JSON.stringify(token)} is not a fencing token`, 'Pass the lock that you hold');
};
