import { MillraceConnection, PartHealth } from '@millrace/core';
import { CircuitBreaker, CircuitState } from '../gates/circuit.breaker.js';
import { Gate, gatesInRow } from '../gates/gate.js';
import { RateLedger } from '../gates/rate.ledger.js';
import { RateLimiter } from '../gates/rate.limiter.js';
import { ServerClock } from '../gates/server.clock.js';
import { HandBacks } from '../hand-backs/hand-backs.js';
import { Delivery } from '../message/delivery.js';
import { circuit } from '../middleware/circuit.middleware.js';
import { Middleware } from '../middleware/middleware.js';
import { retry } from '../middleware/retry.middleware.js';
import { ResolvedConsumerOptions } from '../policy/consumer.options.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { ManagedConsumer } from '../provisioning/managed-consumer.js';
import { StateStore } from '../state/state.store.js';
import { GROUPS, rateSubject } from './group.stream.js';

/** What a loop takes from here. */
export interface LoopControl {
  policy: RetryPolicy;
  handBacks: HandBacks;
  gate: Gate | undefined;
}

export interface GroupControlParts {
  connection: MillraceConnection;
  options: ResolvedConsumerOptions;
  /** What tells groups of one name apart, within one application: a token of a subject. */
  scope: string;
  /** Makes the stream `MILLRACE_GROUPS` again, when it was deleted. */
  restore: () => Promise<void>;
}

/** What one subscriber's loops share in this replica, over all the streams it consumes. */
export class GroupControl {
  private readonly breaker: CircuitBreaker | undefined;
  readonly loop: LoopControl;

  constructor(private readonly own: GroupControlParts) {
    const { connection, options, restore } = own;
    const { clock, log } = connection;
    const { group, policy, circuit: circuitPolicy } = options;
    const store = new StateStore(connection, { stream: GROUPS, restore });
    this.breaker = circuitPolicy && new CircuitBreaker({ policy: circuitPolicy, group, clock, log });
    // The breaker first: what it holds back must use up nothing of the rate.
    const gates = [this.breaker, rateLimiter(own, store)].filter((gate) => gate !== undefined);
    this.loop = {
      policy,
      handBacks: new HandBacks(store, log),
      gate: gates.length === 0 ? undefined : gatesInRow(gates),
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
    const part = { name: this.own.options.group, kind: 'subscriber' };
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

const rateLimiter = (
  { connection, options, scope }: GroupControlParts,
  store: StateStore,
): RateLimiter | undefined => {
  const { group, rate: policy } = options;
  if (!policy) return undefined;
  const subject = rateSubject(connection.name, scope, group);
  const clock = new ServerClock(connection, GROUPS);
  const ledger = new RateLedger({ connection, store, clock, policy, subject });
  return new RateLimiter({ policy, ledger, group, clock: connection.clock, log: connection.log });
};
