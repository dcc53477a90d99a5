import { ClassOf } from '@millrace/core';
import { EventBus } from '@millrace/events';
import { inParallel } from '../contender.js';
import { Numbered } from './size.js';

export const IN_FLIGHT = 256;

/** Publishes so many events, of each class in turn. */
export const publish = (
  bus: EventBus,
  contracts: readonly ClassOf<Numbered>[],
  count: number,
): Promise<void> =>
  inParallel(IN_FLIGHT, count, async (n) => {
    const contract = contracts[n % contracts.length];
    if (contract) await bus.publish(contract, { n });
  });
