import { delay, MillraceConnection } from '@millrace/core';
import { valueSubject } from './bucket.subjects.js';
import { CommitDecision, CommitPlanner, CommitResult } from './commit.planner.js';
import { ConditionalPublisher, WriteOutcome } from './conditional.publisher.js';
import { Entry } from './entry.js';
import { GroupWriter } from './group.writer.js';
import { KeyedTurns } from './keyed.turns.js';
import { RecordReader } from './record.reader.js';
import { noTurn, RevisionConflictError, shownKey } from './storage.errors.js';
import { StoredRecord } from './stored.record.js';
import { WireMessage } from './wire.message.js';

/**
 * Computes a commit from what the key has now. It runs again when another writer came first, so it must do
 * nothing but compute; what it throws ends the commit with nothing written.
 */
export type Decide<T extends object> = (
  current: Entry<T> | undefined,
) => CommitDecision<T> | Promise<CommitDecision<T>>;

/** How often a commit is decided at most. */
const MAX_ATTEMPTS = 32;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

export interface CommitterParts<T extends object> {
  connection: MillraceConnection;
  bucket: string;
  reader: RecordReader;
  planner: CommitPlanner<T>;
  single: ConditionalPublisher;
  groups: GroupWriter;
  toEntry: (key: string, record: StoredRecord) => Promise<Entry<T>>;
}

interface Commit<T extends object> {
  key: string;
  decide: Decide<T>;
  /** Of the clock's monotonic time. */
  deadline: number;
}

/** Writes a key's new state together with its events: all of it or nothing. */
export class Committer<T extends object> {
  // Without turns, one process's commits on one key would mostly refuse each other.
  private readonly turns = new KeyedTurns();

  constructor(private readonly parts: CommitterParts<T>) {}

  commit(key: string, decide: Decide<T>): Promise<CommitResult<T>> {
    const { clock, publisher } = this.parts.connection;
    const deadline = clock.monotonic() + publisher.deadlineMs;
    return this.turns.run(key, () => this.decideUntilStored({ key, decide, deadline }));
  }

  private async decideUntilStored({ key, decide, deadline }: Commit<T>): Promise<CommitResult<T>> {
    const { bucket, planner, toEntry } = this.parts;
    const subject = valueSubject(bucket, key);
    for (let attempt = 1; ; attempt++) {
      const record = await this.read(subject, deadline);
      const current = record && !record.isMarker ? await toEntry(key, record) : undefined;
      const basis = { key, current, sequence: record?.revision ?? 0 };
      const plan = await planner.plan(basis, await decide(current));
      if (plan.messages.length === 0) return plan.result(basis.sequence);
      const outcome = await this.write(plan.messages, deadline);
      if (outcome.kind === 'stored') return plan.result(outcome.sequence);
      const { cause } = outcome;
      if (attempt === MAX_ATTEMPTS || this.left(deadline) <= 0) {
        const newest = await this.parts.reader.latestOfLeader(subject);
        const found = newest && !newest.isMarker ? newest.revision : 0;
        throw new RevisionConflictError({ bucket, key, expected: current?.revision ?? 0, found, cause });
      }
      await delay(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS));
    }
  }

  private left(deadline: number): number {
    return deadline - this.parts.connection.clock.monotonic();
  }

  private read(subject: string, deadline: number): Promise<StoredRecord | undefined> {
    const { reader } = this.parts;
    const left = this.left(deadline);
    if (left <= 0) throw noTurn(`The commit to '${shownKey(subject)}'`);
    return reader.latestOfLeader(subject, Math.min(left, reader.timeoutMs));
  }

  private write(messages: readonly WireMessage[], deadline: number): Promise<WriteOutcome> {
    const [first, ...others] = messages;
    const left = this.left(deadline);
    if (!first || left <= 0) throw noTurn('The commit');
    return others.length === 0
      ? this.parts.single.publish(first, left)
      : this.parts.groups.write({ messages, deadline });
  }
}
