import { MillraceConnection } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { circuit } from '../middleware/circuit.middleware.js';
import { Middleware } from '../middleware/middleware.js';
import { ResolvedConsumerOptions } from '../policy/consumer.options.js';
import { CircuitBreaker, CircuitState } from './circuit.breaker.js';
import { Gate, gatesInRow } from './gate.js';

/** What keeps the handlers of one subscriber from beginning, over all of its consumers in this replica. */
export class GroupGates {
  private readonly breaker: CircuitBreaker | undefined;
  /** `undefined` where nothing does. */
  readonly gate: Gate | undefined;

  constructor({ clock, log }: MillraceConnection, options: ResolvedConsumerOptions) {
    const { group, circuit: policy } = options;
    this.breaker = policy && new CircuitBreaker({ policy, group, clock, log });
    this.gate = this.breaker && gatesInRow([this.breaker]);
  }

  /** `undefined` where there is no circuit breaker. */
  get circuit(): CircuitState | undefined {
    return this.breaker?.current;
  }

  /** To be put around the handler, inside of `retry`. */
  middleware<M extends Delivery>(): Middleware<M>[] {
    return this.breaker ? [circuit<M>(this.breaker)] : [];
  }

  stop(): void {
    this.gate?.stop();
  }
}
