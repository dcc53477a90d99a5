import { randomUUID } from 'node:crypto';
import { Clock, errorMessage, Log, TimerHandle } from '@millrace/core';
import { OwnershipStore, SESSION_MS } from './ownership.store.js';

const BEAT_MS = 750;
/** So much earlier than the server does a member itself take its session for over. */
const MARGIN_MS = 250;

/**
 * This replica's session: it says that it is there, and knows when it cannot be believed any more. A session
 * that is over does not come back: its successor has another name.
 */
export class Membership {
  private name = newName();
  private sequence = 0;
  private state: 'alive' | 'leaving' = 'alive';
  private endsAt = Number.NEGATIVE_INFINITY;
  private timer: TimerHandle | undefined;
  private beating: Promise<void> | undefined;

  constructor(
    private readonly store: OwnershipStore,
    private readonly ports: { clock: Clock; log: Log },
  ) {}

  /** The session's name: another one each time. */
  get id(): string {
    return this.name;
  }

  /** Whether nobody can have taken this replica for dead yet. */
  get isValid(): boolean {
    return this.ports.clock.monotonic() < this.endsAt;
  }

  /** Begins a session under a new name. */
  async join(): Promise<void> {
    this.name = newName();
    this.sequence = 0;
    await this.beat();
    this.timer ??= this.ports.clock.every(BEAT_MS, () => void this.beatOnce());
  }

  /** Wants no more partitions, and gives back those it has. */
  async retire(): Promise<void> {
    await this.beating;
    this.state = 'leaving';
    await this.beatOnce();
  }

  /** Ends the session; whatever it owned is free. */
  async leave(): Promise<void> {
    this.timer?.cancel();
    this.timer = undefined;
    await this.beating;
    const wasValid = this.isValid;
    this.endsAt = Number.NEGATIVE_INFINITY;
    if (wasValid) await this.store.leave(this.name, this.sequence);
  }

  private beatOnce(): Promise<void> {
    return (this.beating ??= this.tryBeat().finally(() => (this.beating = undefined)));
  }

  private async tryBeat(): Promise<void> {
    // A session that is over must not be seen again, not even by one last heartbeat on its way.
    if (!this.isValid) return;
    try {
      await this.beat();
    } catch (error) {
      this.ports.log.debug(`${this.store.scope.group}: no heartbeat: ${errorMessage(error)}`);
    }
  }

  private async beat(): Promise<void> {
    const { clock } = this.ports;
    // From before it was sent: the server counts from when it arrived.
    const sentAt = clock.monotonic();
    const sequence = await this.store.beat(this.name, this.state, this.sequence);
    if (sequence === undefined) {
      this.endsAt = Number.NEGATIVE_INFINITY;
      return;
    }
    this.sequence = sequence;
    this.endsAt = sentAt + SESSION_MS - MARGIN_MS;
  }
}

const newName = (): string => randomUUID().slice(0, 13);
