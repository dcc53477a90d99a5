import { errorMessage, MillraceConnection, TimerHandle } from '@millrace/core';

export interface GroupUpkeepOptions {
  stream: string;
  partitions: number;
  /** Whether this replica drops what is settled. */
  trims: () => boolean;
}

const LOOK_MS = 10_000;

/** Looks after a group's own stream: how far the group has come, and drops what every partition has settled. */
export class GroupUpkeep {
  private timer: TimerHandle | undefined;
  private pending = 0;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: GroupUpkeepOptions,
  ) {}

  get lag(): number {
    return this.pending;
  }

  start(): void {
    this.timer ??= this.connection.clock.every(LOOK_MS, () => void this.look());
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    try {
      const floor = await this.floor();
      if (floor !== undefined && this.options.trims()) await this.trim(floor);
    } catch (error) {
      this.connection.log.debug(`${this.options.stream}: ${errorMessage(error)}`);
    }
  }

  /** Up to where every partition has settled everything; `undefined` where a partition has no consumer. */
  private async floor(): Promise<number | undefined> {
    const { stream, partitions } = this.options;
    // Before the consumers are asked: where one has nothing left, it has settled at least up to here.
    const { state } = await this.connection.jsm.streams.info(stream);
    let floor = state.last_seq;
    let lag = 0;
    let consumers = 0;
    for await (const info of this.connection.jsm.consumers.list(stream)) {
      consumers++;
      lag += info.num_pending;
      const isDone = info.num_pending === 0 && info.num_ack_pending === 0;
      if (!isDone) floor = Math.min(floor, info.ack_floor.stream_seq);
    }
    this.pending = lag;
    return consumers >= partitions ? floor : undefined;
  }

  // The last one stays: the server finds in it how far it has read.
  private async trim(floor: number): Promise<void> {
    if (floor > 1) await this.connection.jsm.streams.purge(this.options.stream, { seq: floor });
  }
}
