import { setTimeout as delay } from 'node:timers/promises';
import { PlainClient } from './record/plain.client.js';
import { readAccounts } from './record/collect.js';
import { EFFECTS, EVENTS } from './system.names.js';

const POLL_MS = 500;
/** Looked at twice: between two deliveries of an event nothing may seem to be under way. */
const CALM_LOOKS = 2;

/** What a run still waits for; `undefined` when all is settled. */
const unsettled = async (client: PlainClient): Promise<string | undefined> => {
  for (const { name, waiting, unsettled: open } of await client.consumers(EVENTS)) {
    if (waiting + open > 0) return `${name}: ${waiting} waiting, ${open} unsettled`;
  }
  const booked = (await readAccounts(client)).reduce((sum, { count }) => sum + count, 0);
  const arrived = await client.lastSequence(EFFECTS);
  return arrived === booked ? undefined : `${arrived} of ${booked} effects have arrived`;
};

/** Waits until every group is done with everything. Resolves to what was still open after `boundMs`. */
export const settle = async (
  client: PlainClient,
  { boundMs, signal }: { boundMs: number; signal: AbortSignal },
): Promise<string | undefined> => {
  const deadline = performance.now() + boundMs;
  let calm = 0;
  for (let open: string | undefined = 'everything'; ; await delay(POLL_MS, undefined, { signal })) {
    try {
      open = await unsettled(client);
    } catch (error) {
      open = `an answer: ${String(error)}`;
    }
    calm = open === undefined ? calm + 1 : 0;
    if (calm >= CALM_LOOKS) return undefined;
    if (performance.now() > deadline) return open ?? 'a second look';
  }
};
