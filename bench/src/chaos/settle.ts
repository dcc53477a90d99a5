import { setTimeout as delay } from 'node:timers/promises';
import { DrillRecord } from './record/drill.record.js';
import { PlainClient } from './record/plain.client.js';
import { CONSUMED, EFFECTS, GROUPS } from './system.names.js';
import { checkDeliveries } from './verdict/delivery.check.js';
import { countOf } from './verdict/violation.js';

export interface SettleOptions {
  readonly client: PlainClient;
  /** What is known so far. */
  readonly read: () => Promise<DrillRecord>;
  readonly boundMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 500;

/**
 * Waits until every group is done with everything: first by what the server says, which costs little, then by the
 * record. Resolves to what was still open after `boundMs`.
 */
export const settle = async (options: SettleOptions): Promise<string | undefined> => {
  const { boundMs, signal } = options;
  for (const deadline = performance.now() + boundMs; ; await delay(POLL_MS, undefined, { signal })) {
    const open = await whatIsOpen(options);
    if (open === undefined || performance.now() > deadline) return open;
  }
};

const whatIsOpen = async ({ client, read }: SettleOptions): Promise<string | undefined> => {
  try {
    return (await underWay(client)) ?? missingIn(await read());
  } catch (error) {
    return `no answer: ${String(error)}`;
  }
};

const underWay = async (client: PlainClient): Promise<string | undefined> => {
  for (const { name, waiting, unsettled } of await client.consumers(...CONSUMED)) {
    if (waiting + unsettled > 0) return `${name}: ${waiting} waiting, ${unsettled} unsettled`;
  }
  return undefined;
};

const missingIn = (record: DrillRecord): string | undefined => {
  const { effects, accounts } = record;
  for (const { group, commits = false } of GROUPS) {
    if (!commits) continue;
    const made = accounts.reduce((sum, state) => sum + (state.group === group ? state.count : 0), 0);
    const arrived = effects.filter((effect) => effect.group === group).length;
    // With more there than were made there is nothing to wait for.
    if (arrived < made) return `${group}: ${arrived} of ${made} effects have arrived in ${EFFECTS}`;
  }
  const lost = countOf(checkDeliveries(record), 'lost');
  return lost === 0 ? undefined : `${lost} events are neither handled nor put aside`;
};
