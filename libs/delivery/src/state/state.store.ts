import { randomUUID } from 'node:crypto';
import { JetStreamApiError, StoredMsg } from '@nats-io/jetstream';
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

export interface StateWrite {
  subject: string;
  body: Uint8Array;
  ttlMs: number;
  /** The sequence of the entry that it takes the place of, 0 for none; left out: of whatever there is. */
  expected?: number;
}

export interface StateStoreOptions {
  /** Keeps one message per subject, each for as long as its own TTL says. */
  stream: string;
  /** Makes the stream again, when it was deleted. */
  restore: () => Promise<void>;
}

/** What replicas share through a stream: one entry per subject, each with a time to live. */
export class StateStore {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: StateStoreOptions,
  ) {}

  /** The entry's sequence; `undefined` where there is another than the one expected. */
  async write(write: StateWrite): Promise<number | undefined> {
    try {
      return await this.publish(write);
    } catch (error) {
      if (MillraceError.is(error, ErrorCode.PublishNoStream)) await this.options.restore();
      else if (error instanceof PublishError && error.serverCode === ApiErrorCode.WrongLastSequence) {
        return undefined;
      }
      throw error;
    }
  }

  /** Read from the stream's leader: another replica of it may be behind. */
  async last(subject: string): Promise<StoredMsg | undefined> {
    try {
      const { stream } = this.options;
      return (await this.connection.jsm.streams.getMessage(stream, { last_by_subj: subject })) ?? undefined;
    } catch (error) {
      if (isApiError(error, ApiErrorCode.StreamNotFound)) await this.options.restore();
      else if (!isApiError(error, ApiErrorCode.MessageNotFound)) throw error;
      return undefined;
    }
  }

  async remove(sequence: number): Promise<void> {
    try {
      await this.connection.jsm.streams.deleteMessage(this.options.stream, sequence, false);
    } catch (error) {
      // Its time was up before.
      if (!(error instanceof JetStreamApiError)) throw error;
    }
  }

  private async publish({ subject, body, ttlMs, expected }: StateWrite): Promise<number> {
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, randomUUID());
    headers.set(HeaderName.Ttl, toServerSeconds(ttlMs));
    if (expected !== undefined) headers.set(HeaderName.ExpectedLastSubjectSequence, String(expected));
    const { sequence } = await this.connection.publisher.publish({ subject, payload: body, headers });
    return sequence;
  }
}
