import { MillraceConnection, PartHealth } from '@millrace/core';
import { CircuitBreaker, CircuitState } from '../gates/circuit.breaker.js';
import { Gate, gatesInRow } from '../gates/gate.js';
import { HandBacks } from '../hand-backs/hand-backs.js';
import { Delivery } from '../message/delivery.js';
import { circuit } from '../middleware/circuit.middleware.js';
import { Middleware } from '../middleware/middleware.js';
import { retry } from '../middleware/retry.middleware.js';
import { ResolvedConsumerOptions } from '../policy/consumer.options.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { ManagedConsumer } from '../provisioning/managed-consumer.js';
import { StateStore } from '../state/state.store.js';
import { GROUPS } from './group.stream.js';

/** What a loop takes from here. */
export interface LoopControl {
  policy: RetryPolicy;
  handBacks: HandBacks;
  gate: Gate | undefined;
}

/** What one subscriber's loops share in this replica, over all the streams it consumes. */
export class GroupControl {
  private readonly breaker: CircuitBreaker | undefined;
  readonly loop: LoopControl;

  /** @param restore makes the stream `MILLRACE_GROUPS` again, when it was deleted. */
  constructor(
    connection: MillraceConnection,
    private readonly options: ResolvedConsumerOptions,
    restore: () => Promise<void>,
  ) {
    const { clock, log } = connection;
    const { group, policy, circuit: circuitPolicy } = options;
    const store = new StateStore(connection, { stream: GROUPS, restore });
    this.breaker = circuitPolicy && new CircuitBreaker({ policy: circuitPolicy, group, clock, log });
    this.loop = {
      policy,
      handBacks: new HandBacks(store, log),
      gate: this.breaker && gatesInRow([this.breaker]),
    };
  }

  /** `undefined` where there is no circuit breaker. */
  get circuit(): CircuitState | undefined {
    return this.breaker?.current;
  }

  /** Turns what the handler throws into an outcome. */
  retry<M extends Delivery>(): Middleware<M> {
    return retry<M>(this.loop.policy, this.loop.handBacks);
  }

  /** Looks at how the handler fares. To be put inside of {@link retry}. */
  watch<M extends Delivery>(): Middleware<M>[] {
    return this.breaker ? [circuit<M>(this.breaker)] : [];
  }

  /** Whether the subscriber takes messages, and if not, since when and why. */
  healthOf(consumers: readonly ManagedConsumer[]): PartHealth {
    const part = { name: this.options.group, kind: 'subscriber' };
    if (consumers.some(({ info }) => info?.paused)) return { ...part, state: 'paused', degraded: true };
    if (!this.circuit || this.circuit.state === 'closed') {
      return { ...part, state: 'consuming', degraded: false };
    }
    const { state, since, reason } = this.circuit;
    return { ...part, state: `circuit-${state}`, degraded: true, since, ...(reason ? { reason } : {}) };
  }

  stop(): void {
    this.loop.gate?.stop();
  }
}
