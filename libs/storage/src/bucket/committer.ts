import { configInvalid, delay, ErrorCode, MillraceConnection } from '@millrace/core';
import { valueSubject } from './bucket.subjects.js';
import { assertOneBatch, Basis, CommitPlan, CommitPlanner, Decision, KeyState } from './commit.planner.js';
import { assertFits, ConditionalPublisher, WriteOutcome } from './conditional.publisher.js';
import { Entry } from './entry.js';
import { Fence } from './fence.js';
import { Fences, FenceState, heldFences } from './fences.js';
import { GroupWriter } from './group.writer.js';
import { Claim, Inbox, MarkedCommit, readMark } from './inbox.js';
import { KeyedTurns } from './keyed.turns.js';
import { RecordReader } from './record.reader.js';
import { noTurn, RevisionConflictError, shownKey } from './storage.errors.js';
import { StoredRecord } from './stored.record.js';
import { WireMessage } from './wire.message.js';

/** How often a commit is decided at most. */
const MAX_ATTEMPTS = 32;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

/** What a commit came to. */
export interface Committed<T extends object> {
  readonly states: ReadonlyMap<string, KeyState<T>>;
  readonly eventIds: readonly string[];
  readonly duplicate: boolean;
}

export interface CommitterParts<T extends object> {
  connection: MillraceConnection;
  bucket: string;
  reader: RecordReader;
  planner: CommitPlanner<T>;
  single: ConditionalPublisher;
  groups: GroupWriter;
  inbox: Inbox;
  fences: Fences;
  toEntry: (key: string, record: StoredRecord) => Promise<Entry<T>>;
}

export interface Commit<T extends object> {
  /** Each once, sorted. */
  keys: readonly string[];
  /** Gets the entries in the order of the keys. */
  decide: (current: readonly (Entry<T> | undefined)[]) => Decision<T> | Promise<Decision<T>>;
  fence?: Fence | undefined;
}

interface Attempt<T extends object> extends Commit<T> {
  claim: Claim | undefined;
  held: readonly Fence[];
  /** Of the clock's monotonic time. */
  deadline: number;
}

/** What a commit is decided on. */
interface Situation<T extends object> {
  bases: readonly Basis<T>[];
  mark: StoredRecord | undefined;
  fences: readonly FenceState[];
}

/** Writes the new states of keys together with their events: all of it or nothing. */
export class Committer<T extends object> {
  // Without turns, one process's commits on one key would mostly refuse each other.
  private readonly turns = new KeyedTurns();

  constructor(private readonly parts: CommitterParts<T>) {}

  async commit(commit: Commit<T>): Promise<Committed<T>> {
    const { clock, publisher } = this.parts.connection;
    if (commit.keys.length === 0) throw configInvalid('A commit of no keys is not possible', 'Name some');
    const held = heldFences(commit.fence);
    const deadline = clock.monotonic() + publisher.deadlineMs;
    const claim = this.parts.inbox.claim(commit.keys);
    try {
      return await this.inTurn(commit.keys, () =>
        this.decideUntilStored({ ...commit, claim, held, deadline }),
      );
    } catch (error) {
      claim?.release();
      throw error;
    }
  }

  // The keys are sorted, so that no two commits wait for each other.
  private inTurn<R>([key, ...others]: readonly string[], task: () => Promise<R>): Promise<R> {
    return key === undefined ? task() : this.turns.run(key, () => this.inTurn(others, task));
  }

  private async decideUntilStored(attempt: Attempt<T>): Promise<Committed<T>> {
    const { planner } = this.parts;
    const { keys, decide, deadline } = attempt;
    for (let run = 1; ; run++) {
      const situation = await this.look(attempt);
      const { bases, mark } = situation;
      if (mark && !mark.isMarker) return repeated(mark, bases);
      const decided = await this.unlessMarked(attempt, async () => {
        const decision = await decide(bases.map(({ current }) => current));
        for (const key of decision.states.keys()) if (!keys.includes(key)) throw notCommitted(key);
        return planner.plan(bases, decision);
      });
      if (!decided) continue;
      if (decided.events.length === 0 && decided.states.length === 0) return nothingWritten(bases);
      const messages = this.assemble(attempt, situation, decided);
      const outcome = await this.write(messages, deadline);
      if (outcome.kind === 'stored') return committed(decided, outcome.sequence);
      if (run === MAX_ATTEMPTS || this.left(deadline) <= 0) throw await this.conflict(bases, outcome.cause);
      await delay(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** run, LONGEST_PAUSE_MS));
    }
  }

  /** What the keys, the mark and the fences are now. @throws FencedOutError */
  private async look({ keys, claim, held, deadline }: Attempt<T>): Promise<Situation<T>> {
    const { bucket, fences } = this.parts;
    const timeoutMs = this.timeoutMs(valueSubject(bucket, keys[0] ?? ''), deadline);
    const [bases, mark, states] = await Promise.all([
      Promise.all(keys.map((key) => this.basis(key, deadline))),
      claim ? this.read(claim.subject, deadline) : undefined,
      Promise.all(held.flatMap((fence) => keys.map((key) => fences.check(key, fence, timeoutMs)))),
    ]);
    return { bases, mark, fences: states };
  }

  private async basis(key: string, deadline: number): Promise<Basis<T>> {
    const record = await this.read(valueSubject(this.parts.bucket, key), deadline);
    const current = record && !record.isMarker ? await this.parts.toEntry(key, record) : undefined;
    return { key, current, sequence: record?.revision ?? 0 };
  }

  // A decision may fail because it sees what the same message has already done, in another process that was
  // taken for dead: then it has been handled.
  private async unlessMarked<R>(
    { claim, deadline }: Attempt<T>,
    task: () => Promise<R>,
  ): Promise<R | undefined> {
    try {
      return await task();
    } catch (error) {
      const mark = claim && (await this.read(claim.subject, deadline));
      if (!mark || mark.isMarker) throw error;
      return undefined;
    }
  }

  /** The states come last: the sequence that the server confirms is then the last one's revision. */
  private assemble(
    { claim }: Attempt<T>,
    { mark, fences }: Situation<T>,
    plan: CommitPlan<T>,
  ): WireMessage[] {
    const { connection, inbox } = this.parts;
    const messages = [
      ...fences.map((state) => this.parts.fences.message(state)),
      ...plan.guards,
      ...plan.events,
      ...plan.states.map(({ message }) => message),
    ];
    if (claim) {
      const message = inbox.message(claim, mark, marked(plan, messages.length));
      assertFits(connection, message, ErrorCode.EventTooLarge);
      messages.unshift(message);
    }
    assertOneBatch(messages);
    return messages;
  }

  private left(deadline: number): number {
    return deadline - this.parts.connection.clock.monotonic();
  }

  private timeoutMs(subject: string, deadline: number): number {
    const left = this.left(deadline);
    if (left <= 0) throw noTurn(`The commit to '${shownKey(subject)}'`);
    return Math.min(left, this.parts.reader.timeoutMs);
  }

  private async read(subject: string, deadline: number): Promise<StoredRecord | undefined> {
    return this.parts.reader.latestOfLeader(subject, this.timeoutMs(subject, deadline));
  }

  private write(messages: readonly WireMessage[], deadline: number): Promise<WriteOutcome> {
    const [first, ...others] = messages;
    const left = this.left(deadline);
    if (!first || left <= 0) throw noTurn('The commit');
    return others.length === 0
      ? this.parts.single.publish(first, left)
      : this.parts.groups.write({ messages, deadline });
  }

  private async conflict(bases: readonly Basis<T>[], cause: unknown): Promise<RevisionConflictError> {
    const { bucket, reader } = this.parts;
    for (const { key, current, sequence } of bases) {
      const newest = await reader.latestOfLeader(valueSubject(bucket, key));
      if ((newest?.revision ?? 0) === sequence) continue;
      const found = newest && !newest.isMarker ? newest.revision : 0;
      return new RevisionConflictError({ bucket, key, expected: current?.revision ?? 0, found, cause });
    }
    // It was another key's turn, a fence's, or this message's own mark: the keys are as they were.
    const { key = '', current } = bases[0] ?? {};
    const revision = current?.revision ?? 0;
    return new RevisionConflictError({ bucket, key, expected: revision, found: revision, cause });
  }
}

const notCommitted = (key: string): Error =>
  configInvalid(
    `The commit decided about '${shownKey(key)}', which it does not hold`,
    'Name all keys of a commit when it begins',
  );

const nothingWritten = <T extends object>(bases: readonly Basis<T>[]): Committed<T> => ({
  states: new Map(
    bases.map(({ key, current, sequence }) => [key, { value: current?.value, revision: sequence }]),
  ),
  eventIds: [],
  duplicate: false,
});

const committed = <T extends object>(plan: CommitPlan<T>, sequence: number): Committed<T> => {
  const states = new Map<string, KeyState<T>>();
  for (const { key, current, sequence: revision } of plan.left) {
    states.set(key, { value: current?.value, revision });
  }
  for (const [at, { key, value }] of plan.states.entries()) {
    states.set(key, { value, revision: sequence - (plan.states.length - 1 - at) });
  }
  return { states, eventIds: plan.events.map(({ messageId }) => messageId), duplicate: false };
};

/** What a mark says of a plan whose other messages are `count`, the states last. */
const marked = <T extends object>(plan: CommitPlan<T>, count: number): MarkedCommit => ({
  eventIds: plan.events.map(({ messageId }) => messageId),
  keys: [
    ...plan.left.map(({ key, sequence }) => ({ key, revision: sequence })),
    ...plan.states.map(({ key }, at) => ({ key, distance: count - (plan.states.length - 1 - at) })),
  ],
});

/** What a commit came to that an earlier handling of the message has made; the values are those of now. */
const repeated = <T extends object>(mark: StoredRecord, bases: readonly Basis<T>[]): Committed<T> => {
  const { eventIds, keys } = readMark(mark);
  const revisions = new Map(
    keys.map(({ key, distance, revision }) => [
      key,
      distance === undefined ? revision : mark.revision + distance,
    ]),
  );
  const states = bases.map(({ key, current, sequence }): [string, KeyState<T>] => [
    key,
    { value: current?.value, revision: revisions.get(key) ?? sequence },
  ]);
  return { states: new Map(states), eventIds, duplicate: true };
};
