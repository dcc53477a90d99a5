import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { HeaderName } from '@millrace/core';
import { currentMessage } from '@millrace/delivery';
import { fenceSubject } from './bucket.subjects.js';
import { assertFence, Fence, FencedOutError } from './fence.js';
import { isRecord } from './json.js';
import { RecordReader } from './record.reader.js';
import { expectOf, guardMessage, WireMessage } from './wire.message.js';

/** A key's fence as it was read. */
export interface FenceState {
  readonly key: string;
  readonly fence: Fence;
  readonly subject: string;
  /** Of the fence's entry; 0 for none. */
  readonly sequence: number;
  /** Whether the entry has this token already. */
  readonly isNewest: boolean;
}

const encoder = new TextEncoder();

/**
 * Keeps the newest token that each key has seen, per name. The entry is read before a fenced write, and is
 * expected to be the same when that is stored: a newer holder's write in between makes it fail.
 */
export class Fences {
  constructor(
    private readonly reader: RecordReader,
    private readonly bucket: string,
  ) {}

  /** @throws FencedOutError where the key has seen a newer token. */
  async check(key: string, fence: Fence, timeoutMs?: number): Promise<FenceState> {
    const subject = fenceSubject(this.bucket, key, fence.name);
    const record = await this.reader.latestOfLeader(subject, timeoutMs);
    const newest = record && !record.isMarker ? tokenOf(record.data) : undefined;
    if (newest !== undefined && newest > fence.token) {
      throw new FencedOutError({ bucket: this.bucket, key, fence, newest });
    }
    return { key, fence, subject, sequence: record?.revision ?? 0, isNewest: newest === fence.token };
  }

  /**
   * What has to be in a batch for it to hold under the fence. The entry is written once for a token: its holder's
   * further writes do not get in the way of each other, nor of a successor.
   */
  message({ fence, subject, sequence, isNewest }: FenceState): WireMessage {
    if (isNewest) {
      const guard = guardMessage(this.bucket);
      expectOf(subject, sequence, guard);
      return guard;
    }
    const messageId = randomUUID();
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, messageId);
    headers.set(HeaderName.ExpectedLastSubjectSequence, String(sequence));
    // The values of the bucket may expire; what a key has seen must not.
    headers.set(HeaderName.Ttl, 'never');
    const payload = encoder.encode(JSON.stringify({ token: fence.token }));
    return { subject, payload, headers, messageId };
  }
}

/**
 * The fences that a commit has to pass: the one given, and that of the message being handled, where only the owner
 * of its partition may handle it. @throws MillraceError `CONFIG_INVALID`
 */
export const heldFences = (given: Fence | undefined): Fence[] => {
  if (given) assertFence(given);
  return [given, currentMessage()?.fence].filter((fence) => fence !== undefined);
};

const tokenOf = (data: Uint8Array): number => {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(data));
  const token = isRecord(parsed) ? parsed['token'] : undefined;
  if (typeof token === 'number') return token;
  throw new TypeError('A fence without a token');
};
