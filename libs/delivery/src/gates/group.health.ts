import { PartHealth } from '@millrace/core';
import { ManagedConsumer } from '../provisioning/managed-consumer.js';
import { GroupGates } from './group.gates.js';

/** How a subscriber fares: whether it takes messages, and if not, since when and why. */
export const groupHealth = (
  name: string,
  gates: GroupGates,
  consumers: readonly ManagedConsumer[],
): PartHealth => {
  const part = { name, kind: 'subscriber' };
  if (consumers.some(({ info }) => info?.paused)) return { ...part, state: 'paused', degraded: true };
  const { circuit } = gates;
  if (!circuit || circuit.state === 'closed') return { ...part, state: 'consuming', degraded: false };
  const { state, since, reason } = circuit;
  return { ...part, state: `circuit-${state}`, degraded: true, since, ...(reason ? { reason } : {}) };
};
