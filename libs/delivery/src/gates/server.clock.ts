import { MillraceConnection } from '@millrace/core';

/** By then the two clocks may have drifted apart. */
const STALE_MS = 60_000;
/** Each narrows what the time can be. */
const SAMPLES = 3;
/** What is lost of the server's nanoseconds. */
const GRAIN_MS = 1;

/** The server's time, milliseconds since the epoch: somewhere between the two. */
export interface ServerTime {
  readonly earliest: number;
  readonly latest: number;
}

/** The server's time, so that replicas whose own clocks differ agree on it, as exactly as a round trip tells. */
export class ServerClock {
  /** Of the server's time from the monotonic clock's. */
  private offset: ServerTime | undefined;
  private syncedAt = 0;

  constructor(
    private readonly connection: MillraceConnection,
    /** Any stream: the server says the time with what it tells of one. */
    private readonly stream: string,
  ) {}

  async now(): Promise<ServerTime> {
    const { clock } = this.connection;
    const isFresh = clock.monotonic() - this.syncedAt < STALE_MS;
    const offset = isFresh && this.offset ? this.offset : await this.sync();
    const now = clock.monotonic();
    return { earliest: now + offset.earliest, latest: now + offset.latest };
  }

  private async sync(): Promise<ServerTime> {
    const { clock, jsm } = this.connection;
    let offset: ServerTime = { earliest: -Infinity, latest: Infinity };
    for (let i = 0; i < SAMPLES; i++) {
      const asked = clock.monotonic();
      const told = timeIn(await jsm.streams.info(this.stream)) ?? clock.now();
      const answered = clock.monotonic();
      offset = {
        earliest: Math.max(offset.earliest, told - answered),
        latest: Math.min(offset.latest, told + GRAIN_MS - asked),
      };
    }
    // Set back or forth in between.
    if (offset.earliest > offset.latest) return this.sync();
    this.syncedAt = clock.monotonic();
    return (this.offset = offset);
  }
}

/** `ts`, which the client does not declare. */
const timeIn = (info: object): number | undefined => {
  const told = 'ts' in info && typeof info.ts === 'string' ? Date.parse(info.ts) : Number.NaN;
  return Number.isNaN(told) ? undefined : told;
};
