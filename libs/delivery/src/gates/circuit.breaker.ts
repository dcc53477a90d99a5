import { Clock, Log, TimerHandle } from '@millrace/core';
import { CircuitPolicy } from '../policy/circuit.policy.js';
import { FailureWindow } from './failure.window.js';
import { Gate } from './gate.js';

export interface CircuitState {
  /** `closed`: messages are taken. `open`: none are. `half-open`: a few are, to see whether they succeed. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Why it is not closed. */
  readonly reason?: string;
}

export interface CircuitBreakerParts {
  policy: CircuitPolicy;
  /** As shown in logs. */
  group: string;
  clock: Clock;
  log: Log;
}

/**
 * Keeps a subscriber from taking messages while what it depends on is down. What a replica holds by then waits
 * there, its leases kept: handed back, each would have used an attempt.
 */
export class CircuitBreaker implements Gate {
  private state: CircuitState;
  private readonly window: FailureWindow;
  private readonly listeners = new Set<() => void>();
  /** Begun while half-open: only these say whether it closes. A handler from before may hang. */
  private readonly probes = new Set<object>();
  private succeeded = 0;
  private timer: TimerHandle | undefined;

  constructor(private readonly own: CircuitBreakerParts) {
    const { clock, policy } = own;
    this.state = { state: 'closed', since: clock.now() };
    this.window = new FailureWindow(policy.windowMs, () => clock.monotonic());
  }

  get current(): CircuitState {
    return this.state;
  }

  admit(wanted: number): number {
    return Math.min(wanted, this.waitingLimit);
  }

  get waitingLimit(): number {
    const { state } = this.state;
    if (state === 'half-open') return Math.max(0, this.own.policy.probes - this.probes.size);
    return state === 'open' ? 0 : Infinity;
  }

  begun(message: object): void {
    if (this.state.state === 'half-open') this.probes.add(message);
  }

  // One that was passed over, or whose failure does not count, leaves its place to another.
  ended(message: object): void {
    if (this.probes.delete(message)) this.tell();
  }

  succeed(message: object): void {
    if (this.state.state === 'closed') return this.window.add(false);
    if (!this.probes.has(message)) return;
    if (++this.succeeded >= this.own.policy.probes) this.close();
  }

  fail(message: object, failure: Error): void {
    if (!this.own.policy.counts(failure)) return;
    if (this.probes.has(message)) return this.open(`still failing: ${failure.message}`);
    if (this.state.state !== 'closed') return;
    this.window.add(true);
    const { handled, failed } = this.window.counts;
    const { failures, ratio, windowMs } = this.own.policy;
    if (failed < failures || failed < handled * ratio) return;
    this.open(`${failed} of ${handled} failed within ${windowMs} ms, the last with: ${failure.message}`);
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.timer?.cancel();
  }

  private open(reason: string): void {
    const { policy, clock, log, group } = this.own;
    this.move('open', reason);
    this.timer?.cancel();
    this.timer = clock.after(policy.openMs, () => this.probe());
    log.warn(`${group}: circuit open for ${policy.openMs} ms, no messages are taken: ${reason}`);
  }

  private probe(): void {
    const { group, log } = this.own;
    this.move('half-open', this.state.reason);
    log.log(`${group}: circuit half-open, trying again`);
    this.tell();
  }

  private close(): void {
    const { group, log } = this.own;
    this.window.clear();
    this.move('closed');
    log.log(`${group}: circuit closed, messages are taken again`);
    this.tell();
  }

  private move(state: CircuitState['state'], reason?: string): void {
    this.probes.clear();
    this.succeeded = 0;
    this.state = { state, since: this.own.clock.now(), ...(reason === undefined ? {} : { reason }) };
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
