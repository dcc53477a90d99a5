import { MillraceConnection } from '@millrace/core';
import { DirectReader, StoredMessage } from './direct.reader.js';
import { askPatiently } from './patient.request.js';
import { StoredRecord, toRecord } from './stored.record.js';

/** Where reads of a stream are answered. */
export type ReadFrom =
  /** By whichever replica answers first: the fastest, and on a replicated stream possibly behind. */
  | 'any'
  /** By the stream's leader: what was written last. */
  | 'leader';

export interface RecordReaderOptions {
  stream: string;
  readFrom: ReadFrom;
  /** How long one read may take. */
  timeoutMs: number;
}

/** Reads the newest message of a subject. */
export class RecordReader {
  private readonly direct: DirectReader;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: RecordReaderOptions,
  ) {
    this.direct = DirectReader.of(connection);
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /** @throws MillraceError `STORAGE_UNAVAILABLE` */
  latest(subject: string, timeoutMs = this.options.timeoutMs): Promise<StoredRecord | undefined> {
    const { stream, readFrom } = this.options;
    const { jsm } = this.connection;
    if (readFrom === 'leader') return this.latestOfLeader(subject, timeoutMs);
    return this.ask(subject, timeoutMs, (attempt) =>
      // The client's own request also tells why it is not answered.
      attempt === 1
        ? this.direct.latest(stream, subject)
        : jsm.direct.getMessage(stream, { last_by_subj: subject }),
    );
  }

  /** As {@link latest}, of the leader, and for wildcards too. */
  latestOfLeader(filter: string, timeoutMs = this.options.timeoutMs): Promise<StoredRecord | undefined> {
    const { jsm } = this.connection;
    return this.ask(filter, timeoutMs, () =>
      jsm.streams.getMessage(this.options.stream, { last_by_subj: filter }),
    );
  }

  /** The first message of a subject at or after a sequence, of the leader. @throws `STORAGE_UNAVAILABLE` */
  async next(subject: string, from: number): Promise<StoredMessage | undefined> {
    const query = { seq: from, next_by_subj: subject };
    const { stream, timeoutMs } = this.options;
    const send = (): Promise<StoredMessage | null> => this.connection.jsm.streams.getMessage(stream, query);
    return (await this.request(subject, timeoutMs, send)) ?? undefined;
  }

  private async ask(
    subject: string,
    timeoutMs: number,
    send: (attempt: number) => Promise<StoredMessage | null>,
  ): Promise<StoredRecord | undefined> {
    const message = await this.request(subject, timeoutMs, send);
    return message === null ? undefined : toRecord(message);
  }

  private request(
    subject: string,
    timeoutMs: number,
    send: (attempt: number) => Promise<StoredMessage | null>,
  ): Promise<StoredMessage | null> {
    return askPatiently(this.connection, { what: `Reading '${subject}'`, timeoutMs, send });
  }
}
