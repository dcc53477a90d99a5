import { toError } from '@millrace/core';
import { CircuitBreaker } from '../gates/circuit.breaker.js';
import { Delivery } from '../message/delivery.js';
import { isPermanentFailure } from '../outcome/permanent-failure.js';
import { Middleware } from './middleware.js';

/** Tells a circuit breaker how handlers fare. Inside of `retry`, for it goes by what is thrown. */
export const circuit =
  <M extends Delivery>(breaker: CircuitBreaker): Middleware<M> =>
  (next) =>
  async (message) => {
    try {
      const outcome = await next(message);
      breaker.succeed(message);
      return outcome;
    } catch (error) {
      const failure = toError(error);
      // A message that is wrong in itself says nothing about what the handler depends on.
      if (!isPermanentFailure(failure)) breaker.fail(message, failure);
      throw error;
    }
  };
