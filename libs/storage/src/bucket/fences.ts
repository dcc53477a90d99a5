import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { HeaderName } from '@millrace/core';
import { fenceSubject } from './bucket.subjects.js';
import { Fence, FencedOutError } from './fence.js';
import { isRecord } from './json.js';
import { RecordReader } from './record.reader.js';
import { WireMessage } from './wire.message.js';

/** A key's fence as it was read. */
export interface FenceState {
  readonly key: string;
  readonly fence: Fence;
  /** Of the fence's entry; 0 for none. */
  readonly sequence: number;
}

const encoder = new TextEncoder();

/**
 * Keeps the newest token that each key has seen, per name. The entry is read before a fenced write, and
 * written in its batch, expecting what was read: a newer holder's write in between makes the batch fail.
 */
export class Fences {
  constructor(
    private readonly reader: RecordReader,
    private readonly bucket: string,
  ) {}

  /** @throws FencedOutError where the key has seen a newer token. */
  async check(key: string, fence: Fence, timeoutMs?: number): Promise<FenceState> {
    const record = await this.reader.latestOfLeader(fenceSubject(this.bucket, key, fence.name), timeoutMs);
    const newest = record && !record.isMarker ? tokenOf(record.data) : 0;
    if (newest > fence.token) throw new FencedOutError({ bucket: this.bucket, key, fence, newest });
    return { key, fence, sequence: record?.revision ?? 0 };
  }

  /** The entry that says: the key has seen this token. */
  message({ key, fence, sequence }: FenceState): WireMessage {
    const messageId = randomUUID();
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, messageId);
    headers.set(HeaderName.ExpectedLastSubjectSequence, String(sequence));
    // The values of the bucket may expire; what a key has seen must not.
    headers.set(HeaderName.Ttl, 'never');
    const payload = encoder.encode(JSON.stringify({ token: fence.token }));
    return { subject: fenceSubject(this.bucket, key, fence.name), payload, headers, messageId };
  }
}

const tokenOf = (data: Uint8Array): number => {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(data));
  const token = isRecord(parsed) ? parsed['token'] : undefined;
  if (typeof token === 'number') return token;
  throw new TypeError('A fence without a token');
};
