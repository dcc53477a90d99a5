import { randomUUID } from 'node:crypto';
import { JetStreamApiError } from '@nats-io/jetstream';
import { headers as createHeaders } from '@nats-io/transport-node';
import {
  ApiErrorCode,
  ErrorCode,
  HeaderName,
  isApiError,
  MillraceConnection,
  MillraceError,
  PublishError,
  toServerSeconds,
} from '@millrace/core';
import { InboxEntry, readEntry } from './inbox.entry.js';
import { INBOX } from './inbox.stream.js';

export interface InboxWrite {
  subject: string;
  body: Uint8Array;
  ttlMs: number;
  /** The sequence of the entry that it takes the place of, 0 for none; left out: of whatever there is. */
  expected?: number;
}

/** Reads and writes entries of the inbox. */
export class InboxStore {
  constructor(
    private readonly connection: MillraceConnection,
    /** Makes the stream again, when it was deleted. */
    private readonly restore: () => Promise<void>,
  ) {}

  /** The entry's sequence; `undefined` where there is another than the one expected. */
  async write(write: InboxWrite): Promise<number | undefined> {
    try {
      return await this.publish(write);
    } catch (error) {
      if (MillraceError.is(error, ErrorCode.PublishNoStream)) await this.restore();
      else if (error instanceof PublishError && error.serverCode === ApiErrorCode.WrongLastSequence) {
        return undefined;
      }
      throw error;
    }
  }

  /** Read from the stream's leader: another replica of it may be behind. */
  async read(subject: string): Promise<InboxEntry | undefined> {
    try {
      const stored = await this.connection.jsm.streams.getMessage(INBOX, { last_by_subj: subject });
      return stored ? readEntry(stored) : undefined;
    } catch (error) {
      if (isApiError(error, ApiErrorCode.MessageNotFound)) return undefined;
      throw error;
    }
  }

  async remove(sequence: number): Promise<void> {
    try {
      await this.connection.jsm.streams.deleteMessage(INBOX, sequence, false);
    } catch (error) {
      // Its time was up before.
      if (!(error instanceof JetStreamApiError)) throw error;
    }
  }

  private async publish({ subject, body, ttlMs, expected }: InboxWrite): Promise<number> {
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, randomUUID());
    headers.set(HeaderName.Ttl, toServerSeconds(ttlMs));
    if (expected !== undefined) headers.set(HeaderName.ExpectedLastSubjectSequence, String(expected));
    const { sequence } = await this.connection.publisher.publish({ subject, payload: body, headers });
    return sequence;
  }
}
