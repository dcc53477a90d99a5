import { assertNever, Clock, TimerHandle } from '@millrace/core';
import { batchError, BatchWrite, BatchWriter, MAX_BATCH_MESSAGES } from './batch.writer.js';
import { WriteOutcome } from './conditional.publisher.js';
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

/**
 * Writes what arrives while a batch is under way as one batch (group commit): a batch costs the server the
 * same whether it holds two messages or two hundred.
 *
 * A group is refused as a whole. It is then halved until whoever is to blame stands alone, so a conflict of
 * one never fails its neighbours. The message ids stay the same through all of that, so what was stored by an
 * attempt whose answer was lost is recognised and not stored again.
 */
export class GroupWriter {
  private waiting: Member[] = [];
  private busy = false;

  constructor(
    private readonly batches: BatchWriter,
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
    while (this.waiting.length > 0) {
      const remains = await this.writeGroup(this.takeGroup());
      // What was refused is sorted out beside the next group: nobody else waits for it.
      void this.writeEach(remains);
    }
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

  /** Sends one batch. Resolves with the groups to be written in its place, where it was refused. */
  private async writeGroup(group: readonly Member[]): Promise<(readonly Member[])[]> {
    const [first, ...others] = group;
    if (!first) return [];
    if (others.length === 0) {
      await this.writeAlone(first);
      return [];
    }
    const outcome = await this.batches.attempt({
      messages: group.flatMap(({ messages }) => messages),
      deadline: Math.min(...group.map(({ deadline }) => deadline)),
      mayBeStored: group.some(({ mayBeStored }) => mayBeStored),
      attempts: GROUP_ATTEMPTS,
    });
    switch (outcome.kind) {
      case 'stored':
        settleAll(group, outcome.sequence);
        return [];
      case 'duplicate':
        // Which of them were stored, and where, only each by itself can tell.
        return group.map((member) => [member]);
      case 'conflict':
        return halves(group);
      case 'failed':
        for (const member of group) member.mayBeStored ||= outcome.mayBeStored;
        return this.withoutLate(group, outcome.cause);
      default:
        return assertNever(outcome);
    }
  }

  private withoutLate(group: readonly Member[], cause: unknown): (readonly Member[])[] {
    const late = group.filter((member) => this.left(member) <= TOO_LATE_MS);
    if (late.length === 0) return halves(group);
    for (const { messages, mayBeStored, reject } of late) {
      reject(batchError(lastOf(messages), { cause, mayBeStored }));
    }
    return [group.filter((member) => !late.includes(member))];
  }

  private async writeEach(groups: readonly (readonly Member[])[]): Promise<void> {
    await Promise.all(groups.map(async (group) => this.writeEach(await this.writeGroup(group))));
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
