import {
  configInvalid,
  delay,
  Duration,
  ErrorCode,
  MillraceConnection,
  MillraceError,
  PublishError,
  toMillis,
} from '@millrace/core';
import { assertFits, ConditionalPublisher, WriteOutcome } from './conditional.publisher.js';
import { FencedWriter } from './fenced.writer.js';
import { RevisionConflictError } from './storage.errors.js';
import { StoredRecord } from './stored.record.js';
import { valueMessage, ValueWrite } from './wire.message.js';

/** How often a write is decided at most. */
const MAX_ATTEMPTS = 32;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;
const MIN_TTL_MS = 1000;

export interface KeyWriterOptions {
  bucket: string;
  /** How many revisions of a key the stream keeps. */
  history: number;
  /** How long the marker of a purge is kept. */
  markerTtlMs: number;
}

export interface Refusal {
  key: string;
  expected: number;
  /** What the key has instead. */
  newest: StoredRecord | undefined;
  cause: unknown;
}

/** Writes single keys of a bucket. */
export class KeyWriter {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly single: ConditionalPublisher,
    private readonly fenced: FencedWriter,
    private readonly options: KeyWriterOptions,
  ) {}

  /** @throws FencedOutError */
  write(write: ValueWrite, deadlineMs?: number): Promise<WriteOutcome> {
    if (write.fence) return this.fenced.write({ write, fence: write.fence, deadlineMs });
    const message = valueMessage(this.options.bucket, write);
    assertFits(this.connection, message, ErrorCode.ValueTooLarge);
    return this.single.publish(message, deadlineMs);
  }

  /** How long the marker of a purge is kept. */
  get markerTtlMs(): number {
    return this.options.markerTtlMs;
  }

  /**
   * Runs `attempt` until it did not conflict: with jitter in between, a bounded number of times, and within
   * the deadline of one write.
   * @throws RevisionConflictError when others kept coming first; PublishError `PUBLISH_TIMEOUT` when what came
   * first was gone again each time.
   */
  async untilStored<R>(attempt: (leftMs: number) => Promise<Attempt<R>>): Promise<R> {
    const { clock, publisher } = this.connection;
    const deadline = clock.monotonic() + publisher.deadlineMs;
    for (let count = 1; ; count++) {
      const outcome = await attempt(Math.max(1, deadline - clock.monotonic()));
      if (outcome.kind === 'done') return outcome.result;
      if (count === MAX_ATTEMPTS || clock.monotonic() >= deadline) throw this.givenUp(outcome);
      await delay(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** count, LONGEST_PAUSE_MS));
    }
  }

  // Where the key has what was expected, whatever refused the write has gone again or is not applied yet: the
  // caller has nothing to decide anew, and must not be told of a value that nobody wrote.
  private givenUp(refusal: Refusal): MillraceError {
    const conflict = this.conflict(refusal);
    if (conflict.found !== conflict.expected) return conflict;
    const { bucket } = this.options;
    return new PublishError(ErrorCode.PublishTimeout, `A key of bucket '${bucket}' was not written in time`, {
      remedy: 'Write it again: others kept coming first, or the server was away',
      details: { bucket },
      cause: refusal.cause,
      mayBeStored: false,
    });
  }

  conflict({ key, expected, newest, cause }: Refusal): RevisionConflictError {
    const found = newest && !newest.isMarker ? newest.revision : 0;
    return new RevisionConflictError({ bucket: this.options.bucket, key, expected, found, cause });
  }

  /** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for a TTL that the server cannot keep. */
  ttlMs(ttl: Duration | undefined): number | undefined {
    if (ttl === undefined) return undefined;
    const ms = toMillis(ttl, 'ttl');
    if (ms < MIN_TTL_MS || ms % 1000 !== 0) {
      throw configInvalid(`A ttl of ${ms} ms is not possible`, 'Give whole seconds, at least one');
    }
    if (this.options.history > 1) {
      throw configInvalid(
        `Bucket '${this.options.bucket}' keeps ${this.options.history} revisions: a ttl does not go together with that`,
        'An older revision would come back when the newest expires: keep such keys in a bucket with history 1',
      );
    }
    return ms;
  }
}

export type Attempt<R> = { kind: 'done'; result: R } | ({ kind: 'conflict' } & Refusal);
