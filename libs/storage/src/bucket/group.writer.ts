import { assertNever, Clock, HeaderName, TimerHandle } from '@millrace/core';
import { batchError, BatchWrite, BatchWriter, MAX_BATCH_MESSAGES } from './batch.writer.js';
import { WriteOutcome } from './conditional.publisher.js';
import { RecordReader } from './record.reader.js';
import { noTurn } from './storage.errors.js';
import { WireHeader, WireMessage, wireSize } from './wire.message.js';

/** A batch is staged by the server as a whole. */
const MAX_GROUP_BYTES = 8 * 2 ** 20;
/** Whoever has less left than this cannot be asked for another attempt. */
const TOO_LATE_MS = 250;
/**
 * How often a group is sent. A message that the server does not take, such as one over the stream's size,
 * makes its batch "incomplete" (10176), which says no more than that.
 */
const GROUP_ATTEMPTS = 4;

interface Member {
  readonly messages: readonly WireMessage[];
  readonly deadline: number;
  /** What it writes or expects something of: no other member of its group may. */
  readonly subjects: readonly string[];
  readonly bytes: number;
  mayBeStored: boolean;
  timer: TimerHandle | undefined;
  resolve: (outcome: WriteOutcome) => void;
  reject: (error: unknown) => void;
}

/** Tells whether a message expects what is no longer so. */
export interface Expectations {
  isStale(message: WireMessage): Promise<boolean>;
}

/** Looks at what there is now. */
export const currentExpectations = (reader: RecordReader): Expectations => ({
  isStale: async ({ subject, headers }) => {
    const expected = headers.get(HeaderName.ExpectedLastSubjectSequence);
    if (expected === '') return false;
    const newest = await reader.latestOfLeader(headers.get(WireHeader.ExpectedSubject) || subject);
    return Number(expected) !== (newest?.revision ?? 0);
  },
});

/**
 * Writes what arrives while a batch is under way as one batch (group commit): a batch costs the server the
 * same whether it holds two messages or two hundred.
 *
 * A group is refused as a whole. Those whose expectation no longer holds are then told so, and the others are
 * sent again; where nobody can be blamed, the group is halved. So a conflict of one never fails its
 * neighbours. The message ids stay the same through all of that, so what was stored by an
 * attempt whose answer was lost is recognised and not stored again.
 */
export class GroupWriter {
  private waiting: Member[] = [];
  private busy = false;

  constructor(
    private readonly batches: BatchWriter,
    private readonly expectations: Expectations,
    private readonly clock: Clock,
  ) {}

  /** As {@link BatchWriter.write}: what it resolves with, and throws, is of these messages alone. */
  write({ messages, deadline }: BatchWrite): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      const member: Member = {
        messages,
        deadline,
        subjects: messages.flatMap(subjectsOf),
        bytes: messages.reduce((sum, message) => sum + wireSize(message), 0),
        mayBeStored: false,
        timer: undefined,
        resolve,
        reject,
      };
      this.waiting.push(member);
      if (this.busy) {
        member.timer = this.clock.after(Math.max(0, this.left(member)), () => this.giveUp(member));
      } else {
        void this.run();
      }
    });
  }

  private left({ deadline }: Member): number {
    return deadline - this.clock.monotonic();
  }

  private giveUp(member: Member): void {
    this.waiting = this.waiting.filter((other) => other !== member);
    member.reject(noTurn('A commit'));
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) await this.writeGroup(this.takeGroup());
    this.busy = false;
  }

  private takeGroup(): Member[] {
    const group: Member[] = [];
    const others: Member[] = [];
    const taken = new Set<string>();
    let messages = 0;
    let bytes = 0;
    for (const member of this.waiting) {
      const fits =
        group.length === 0 ||
        (messages + member.messages.length <= MAX_BATCH_MESSAGES && bytes + member.bytes <= MAX_GROUP_BYTES);
      // A subject that was written earlier in the batch can no longer be expected to be as it was (10164).
      if (!fits || member.subjects.some((subject) => taken.has(subject))) {
        others.push(member);
        continue;
      }
      member.timer?.cancel();
      group.push(member);
      messages += member.messages.length;
      bytes += member.bytes;
      for (const subject of member.subjects) taken.add(subject);
    }
    this.waiting = others;
    return group;
  }

  private async writeGroup(group: readonly Member[]): Promise<void> {
    const [first, ...others] = group;
    if (!first) return;
    if (others.length === 0) return this.writeAlone(first);
    const outcome = await this.batches.attempt({
      messages: group.flatMap(({ messages }) => messages),
      deadline: Math.min(...group.map(({ deadline }) => deadline)),
      mayBeStored: group.some(({ mayBeStored }) => mayBeStored),
      attempts: GROUP_ATTEMPTS,
    });
    switch (outcome.kind) {
      case 'stored':
        return settleAll(group, outcome.sequence);
      case 'conflict':
        return this.withoutStale(group, outcome);
      case 'duplicate':
        // Which of them were stored, and where, only each by itself can tell.
        return void this.writeEach(group.map((member) => [member]));
      case 'failed':
        for (const member of group) member.mayBeStored ||= outcome.mayBeStored;
        // One of them may be refused until its time is up: the next group does not wait for that.
        return void this.withoutLate(group, outcome.cause);
      default:
        return assertNever(outcome);
    }
  }

  // A conflict says for certain that nothing was stored, and whoever expects what is no more will not be
  // stored: that needs no further attempt.
  private async withoutStale(group: readonly Member[], conflict: WriteOutcome): Promise<void> {
    const stale = await Promise.all(group.map((member) => this.isStale(member)));
    const others = group.filter((_, at) => !stale[at]);
    for (const [at, { resolve }] of group.entries()) if (stale[at]) resolve(conflict);
    return others.length < group.length ? this.writeGroup(others) : this.writeEach(halves(group));
  }

  private async isStale({ messages }: Member): Promise<boolean> {
    try {
      return (await Promise.all(messages.map((message) => this.expectations.isStale(message)))).some(Boolean);
    } catch {
      // An attempt will tell.
      return false;
    }
  }

  private async withoutLate(group: readonly Member[], cause: unknown): Promise<void> {
    const late = group.filter((member) => this.left(member) <= TOO_LATE_MS);
    if (late.length === 0) return this.writeEach(halves(group));
    for (const { messages, mayBeStored, reject } of late) {
      reject(batchError(lastOf(messages), { cause, mayBeStored }));
    }
    return this.writeGroup(group.filter((member) => !late.includes(member)));
  }

  private async writeEach(groups: readonly (readonly Member[])[]): Promise<void> {
    await Promise.all(groups.map((group) => this.writeGroup(group)));
  }

  private async writeAlone(member: Member): Promise<void> {
    try {
      member.resolve(await this.batches.write(member));
    } catch (error) {
      member.reject(error);
    }
  }
}

const subjectsOf = ({ subject, headers }: WireMessage): string[] => {
  const expected = headers.get(WireHeader.ExpectedSubject);
  return expected === '' ? [subject] : [subject, expected];
};

const halves = (group: readonly Member[]): (readonly Member[])[] => {
  const half = Math.ceil(group.length / 2);
  return [group.slice(0, half), group.slice(half)];
};

const lastOf = (messages: readonly WireMessage[]): WireMessage => {
  const last = messages.at(-1);
  if (last) return last;
  throw new TypeError('A batch needs messages');
};

/** The sequences of a batch are consecutive, and `sequence` is the last. */
const settleAll = (group: readonly Member[], sequence: number): void => {
  let next = sequence - group.reduce((sum, { messages }) => sum + messages.length, 0);
  for (const { messages, resolve } of group) {
    next += messages.length;
    resolve({ kind: 'stored', sequence: next });
  }
};
