import { randomUUID } from 'node:crypto';
import { delay, encodeKey, ErrorCode, MillraceConnection, MillraceError } from '@millrace/core';
import { DeadLetter } from '../dead-letters/dead-letter.js';
import { DeadLetterFilter } from '../dead-letters/dead-letter.filter.js';
import { replayHeaders } from '../dead-letters/dead-letter.headers.js';
import { ParkedKeys } from './parked.keys.js';
import { RELEASE } from './parking.middleware.js';

/** The key of a group whose dead letters are to be handled. */
export interface ReleasedKey {
  context: string;
  group: string;
  key: string;
  /** How long to wait for them to be handled. Default 30 s. */
  timeoutMs?: number;
}

export interface ReleaseResult {
  /** How many dead letters were replayed. */
  released: number;
  /** `true` where one failed again, or not all were handled in time. */
  parked: boolean;
}

/** What it needs of the dead letters. */
export interface LetterBox {
  list(filter: DeadLetterFilter): AsyncGenerator<DeadLetter>;
  body(letter: DeadLetter): Promise<Uint8Array>;
  discard(id: string): Promise<void>;
}

const POLL_MS = 50;
const TIMEOUT_MS = 30_000;

/** Lets a parked key go: replays its dead letters in order, and those that join them meanwhile. */
export class KeyReleaser {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly letters: LetterBox,
  ) {}

  async release({ context, group, key, timeoutMs = TIMEOUT_MS }: ReleasedKey): Promise<ReleaseResult> {
    const { clock } = this.connection;
    const keys = new ParkedKeys(this.connection, { context, group });
    const token = encodeKey(key);
    const deadline = clock.monotonic() + timeoutMs;
    let released = 0;
    let last = 0;
    for (let release: string | undefined; ;) {
      const waiting = await this.all({ context, group, key });
      const parked = await keys.find(token);
      if (release !== undefined && parked?.failed === release) return { released, parked: true };
      if (waiting.length > 0) {
        release = randomUUID();
        for (const letter of waiting) last = await this.replay(letter, { release, keys, token });
        released += waiting.length;
      } else if (released === 0 || !parked || (parked.handled ?? 0) >= last) {
        return { released, parked: false };
      }
      if (clock.monotonic() > deadline) return { released, parked: true };
      await delay(POLL_MS);
    }
  }

  private async all(filter: DeadLetterFilter): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for await (const letter of this.letters.list(filter)) found.push(letter);
    return found;
  }

  private async replay(
    letter: DeadLetter,
    { release, keys, token }: { release: string; keys: ParkedKeys; token: string },
  ): Promise<number> {
    const headers = replayHeaders(letter);
    headers.set(RELEASE, release);
    const payload = await this.letters.body(letter);
    const { sequence } = await this.connection.publisher.publish({
      subject: letter.original.subject,
      payload,
      headers,
    });
    await keys.noteReleased(token, sequence);
    try {
      await this.letters.discard(letter.id);
    } catch (error) {
      if (!MillraceError.is(error, ErrorCode.DeadLetterUnknown)) throw error;
    }
    return sequence;
  }
}
