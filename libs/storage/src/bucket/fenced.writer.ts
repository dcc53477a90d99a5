import { ErrorCode, MillraceConnection } from '@millrace/core';
import { assertFits, WriteOutcome } from './conditional.publisher.js';
import { assertFence, Fence } from './fence.js';
import { Fences } from './fences.js';
import { GroupWriter } from './group.writer.js';
import { valueMessage, ValueWrite } from './wire.message.js';

/** Another holder of the same token may come between, but not this often. */
const MAX_ATTEMPTS = 16;

export interface FencedWrite {
  write: ValueWrite;
  fence: Fence;
  /** How long it may take. Default the connection's publish deadline. */
  deadlineMs?: number | undefined;
}

/** Writes one key under a fencing token. */
export class FencedWriter {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly parts: { bucket: string; fences: Fences; groups: GroupWriter },
  ) {}

  /** @throws FencedOutError */
  async write({ write, fence, deadlineMs }: FencedWrite): Promise<WriteOutcome> {
    assertFence(fence);
    const { connection } = this;
    const { bucket, fences, groups } = this.parts;
    const deadline = connection.clock.monotonic() + (deadlineMs ?? connection.publisher.deadlineMs);
    let seen = await fences.check(write.key, fence);
    for (let attempt = 1; ; attempt++) {
      const message = valueMessage(bucket, write);
      assertFits(connection, message, ErrorCode.ValueTooLarge);
      const outcome = await groups.write({ messages: [fences.message(seen), message], deadline });
      if (outcome.kind === 'stored' || attempt === MAX_ATTEMPTS) return outcome;
      const newest = await fences.check(write.key, fence);
      // The fence is as it was: the value was not what the write expected.
      if (newest.sequence === seen.sequence) return outcome;
      seen = newest;
    }
  }
}
