import { delay, ErrorCode, HeaderName, MillraceConnection } from '@millrace/core';
import { assertFits, ConditionalPublisher, WriteOutcome } from './conditional.publisher.js';
import { assertFence, Fence } from './fence.js';
import { Fences, FenceState } from './fences.js';
import { Expectations, GroupWriter } from './group.writer.js';
import { expectOf, valueMessage, ValueWrite, WireMessage } from './wire.message.js';

/** Another holder of the same token may come between, but not this often. */
const MAX_ATTEMPTS = 32;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

export interface FencedWrite {
  write: ValueWrite;
  fence: Fence;
  /** How long it may take. Default the connection's publish deadline. */
  deadlineMs?: number | undefined;
}

export interface FencedWriterParts {
  bucket: string;
  fences: Fences;
  groups: GroupWriter;
  single: ConditionalPublisher;
  expectations: Expectations;
}

/** Writes one key under a fencing token. */
export class FencedWriter {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly parts: FencedWriterParts,
  ) {}

  /** @throws FencedOutError */
  async write({ write, fence, deadlineMs }: FencedWrite): Promise<WriteOutcome> {
    assertFence(fence);
    const { connection } = this;
    const { bucket, fences, expectations } = this.parts;
    const deadline = connection.clock.monotonic() + (deadlineMs ?? connection.publisher.deadlineMs);
    for (let attempt = 1; ; attempt++) {
      const seen = await fences.check(write.key, fence);
      const message = valueMessage(bucket, write);
      assertFits(connection, message, ErrorCode.ValueTooLarge);
      const outcome = await this.publish(message, seen, deadline);
      const late = attempt === MAX_ATTEMPTS || connection.clock.monotonic() >= deadline;
      if (outcome.kind === 'stored' || late) return outcome;
      if (write.expected !== undefined && (await expectations.isStale(message))) return outcome;
      // The fence has changed. On a replicated stream that may not be applied yet, and so not be seen.
      await delay(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS));
    }
  }

  private publish(message: WireMessage, seen: FenceState, deadline: number): Promise<WriteOutcome> {
    const { fences, groups, single } = this.parts;
    // A message that expects nothing else can carry the fence by itself, and needs no batch.
    if (seen.isNewest && !message.headers.has(HeaderName.ExpectedLastSubjectSequence)) {
      expectOf(seen.subject, seen.sequence, message);
      return single.publish(message, Math.max(1, deadline - this.connection.clock.monotonic()));
    }
    return groups.write({ messages: [fences.message(seen), message], deadline });
  }
}
