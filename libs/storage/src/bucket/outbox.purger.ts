import { errorMessage, eventStreamName, MillraceConnection, TimerHandle } from '@millrace/core';
import { askPatiently } from './patient.request.js';
import { relayedSubject } from './bucket.subjects.js';
import { RecordReader } from './record.reader.js';
import { StoredRecord } from './stored.record.js';
import { WireHeader } from './wire.message.js';

export interface OutboxPurgerOptions {
  bucket: string;
  stream: string;
  /** The contexts of the bucket's events. */
  contexts: readonly string[];
  /** How often to look. An entry is purged on the second look at the earliest. */
  everyMs: number;
}

/**
 * Removes outbox entries that have arrived in their event stream.
 *
 * An entry may go only when its event is proven to be stored there: the newest event under the same subject
 * says in `Nats-Stream-Source` which sequence it was relayed from, and a source relays in order. Then that
 * entry and those before it, of this context, are done with. Where the proof is missing (the event came from
 * elsewhere, the stream is full or gone), everything stays. Nothing is remembered beyond one look, so it does
 * not matter which process committed, or whether it still lives.
 *
 * Entries cannot carry a `Nats-TTL` instead: sourcing copies it, and the event itself would expire.
 */
export class OutboxPurger {
  private readonly candidates = new Map<string, StoredRecord>();
  private timer: TimerHandle | undefined;
  // What an earlier process left behind counts as well.
  private dirty = true;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly reader: RecordReader,
    private readonly options: OutboxPurgerOptions,
  ) {}

  start(): void {
    if (this.options.contexts.length === 0) return;
    this.timer ??= this.connection.clock.every(this.options.everyMs, () => {
      if (this.dirty || this.candidates.size > 0) void this.sweep();
    });
  }

  /** Ends with the look that is under way. */
  async stop(): Promise<void> {
    this.timer?.cancel();
    await this.sweeping;
  }

  /** Something was written to the outbox. */
  touch(): void {
    this.dirty = true;
  }

  /** Looks once. */
  sweep(): Promise<void> {
    this.sweeping ??= this.sweepAll().finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  private async sweepAll(): Promise<void> {
    if (this.connection.health.current.state !== 'connected') return;
    this.dirty = false;
    for (const context of this.options.contexts) {
      try {
        await this.sweepContext(context);
      } catch (error) {
        // The next look starts from what the server has then.
        this.dirty = true;
        this.connection.log.debug(`Outbox of '${this.options.bucket}': ${errorMessage(error)}`);
      }
    }
  }

  private async sweepContext(context: string): Promise<void> {
    const candidate = this.candidates.get(context);
    if (candidate && (await this.isRelayed(context, candidate))) await this.purge(context, candidate);
    const newest = await this.reader.latestOfLeader(this.space(context));
    if (newest) this.candidates.set(context, newest);
    else this.candidates.delete(context);
  }

  private async isRelayed(context: string, entry: StoredRecord): Promise<boolean> {
    const subject = relayedSubject(entry.subject);
    const event = await askPatiently(this.connection, {
      what: `Reading '${subject}'`,
      timeoutMs: this.reader.timeoutMs,
      send: () => this.connection.jsm.streams.getMessage(eventStreamName(context), { last_by_subj: subject }),
    });
    const [stream, sequence] = event?.header.get(WireHeader.StreamSource).split(' ') ?? [];
    return stream === this.options.stream && Number(sequence) >= entry.revision;
  }

  private async purge(context: string, upTo: StoredRecord): Promise<void> {
    await this.connection.jsm.streams.purge(this.options.stream, {
      filter: this.space(context),
      // The sequence is the first to be kept.
      seq: upTo.revision + 1,
    });
  }

  private space(context: string): string {
    return `outbox.${this.options.bucket}.${context}.>`;
  }
}
