import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { HeaderName, MillraceConnection, toServerSeconds } from '@millrace/core';
import { probeSubject } from './bucket.subjects.js';
import { RecordReader } from './record.reader.js';
import { WireHeader, WireMessage } from './wire.message.js';

/** Long enough to recognise one's own probe when its answer is lost in turn. */
const PROBE_TTL_MS = 60_000;

/**
 * Finds out whether a write whose answer was lost has been stored.
 *
 * Where the key's newest message is the write itself, that settles it. Where another write came after, only
 * the server's memory of message ids can tell (`duplicate_window`): a probe with the same id on a subject of
 * its own is answered "duplicate" with the sequence of the first. Where it is not, the probe has taken the
 * id, and a late copy of the write can no longer be stored.
 */
export class WriteFate {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly reader: RecordReader,
    private readonly bucket: string,
  ) {}

  /** The sequence the write was stored under; `undefined` when it was not, and never will be. */
  async settle({ subject, messageId }: WireMessage): Promise<number | undefined> {
    const newest = await this.reader.latestOfLeader(subject);
    if (newest?.messageId === messageId) return newest.revision;
    const probe = probeSubject(this.bucket, randomUUID());
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, messageId);
    // To other clients of the bucket it is a deletion, not a key.
    headers.set(WireHeader.Operation, 'PURGE');
    headers.set(HeaderName.Ttl, toServerSeconds(PROBE_TTL_MS));
    const ack = await this.connection.publisher.publish({
      subject: probe,
      payload: new Uint8Array(),
      headers,
    });
    if (!ack.duplicate) return undefined;
    // A probe that had to be sent twice is a duplicate of itself.
    const own = await this.reader.latestOfLeader(probe);
    return own?.revision === ack.sequence ? undefined : ack.sequence;
  }
}
