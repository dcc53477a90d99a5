import { errorMessage, Log } from '@millrace/core';
import { EventBus } from '@millrace/events';
import { LockFacts, LockObserver } from '../lease/lock.js';
import { LockAcquired, LockExpired, LockReleased } from './lock.events.js';

/** Beyond this, events are dropped: an event stream that cannot be reached must not fill the memory. */
const MAX_UNDER_WAY = 1000;
/** A shutdown waits for what is under way. */
const DEADLINE = '2s';

/** Tells subscribers what happens to locks. Locks neither wait for it nor fail with it. */
export class LockAnnouncer implements LockObserver {
  private underWay = 0;
  private dropped = 0;

  constructor(
    private readonly bus: EventBus,
    private readonly log: Log,
  ) {}

  acquired(lock: LockFacts, waitedMs: number): void {
    this.announce(Object.assign(new LockAcquired(), factsOf(lock), { waitedMs }), 'acquired');
  }

  released(lock: LockFacts, heldMs: number): void {
    this.announce(Object.assign(new LockReleased(), factsOf(lock), { heldMs }), 'released');
  }

  /** What was lost here expires on the server, which the sentinel sees. */
  lost(): void {}

  /** Told by every process that sees it: the id makes one event of it. */
  expired(lock: LockFacts, ttlMs: number): void {
    this.announce(Object.assign(new LockExpired(), factsOf(lock), { ttlMs }), 'expired');
  }

  private announce(event: LockAcquired | LockReleased | LockExpired, what: string): void {
    if (this.underWay >= MAX_UNDER_WAY) {
      if (this.dropped++ === 0)
        this.log.warn('Lock events cannot be published fast enough: some are dropped');
      return;
    }
    this.underWay++;
    const messageId = `lock-${what}:${event.kind}:${event.token}:${event.name.slice(0, 64)}`;
    this.bus
      .publish(event, { messageId: encodeURIComponent(messageId), deadline: DEADLINE })
      .catch((error: unknown) => this.log.debug(`lock.${what} was not published: ${errorMessage(error)}`))
      .finally(() => {
        this.underWay--;
        if (this.underWay === 0) this.dropped = 0;
      });
  }
}

const factsOf = ({ kind, name, mode, token, holder }: LockFacts): LockFacts => ({
  kind,
  name,
  mode,
  token,
  holder,
});
