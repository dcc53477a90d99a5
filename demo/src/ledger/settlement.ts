import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from './ledger.js';

export interface SettlementOptions {
  readonly ledger: Ledger;
  /** Reads the server anew; resolves to whether everything stored has been read. */
  readonly refresh: () => Promise<boolean>;
  /** How long it may take until something moves. */
  readonly boundMs: number;
  /** How long nothing new may come: what one event leads to is stored a moment after it is settled. */
  readonly quietMs: number;
}

const POLL_MS = 100;

/** Waits until nothing more is to be expected. Resolves to `false` where nothing has moved for as long as the bound. */
export const settled = async ({ ledger, refresh, boundMs, quietMs }: SettlementOptions): Promise<boolean> => {
  let movedAt = performance.now();
  let quietSince = performance.now();
  let published = -1;
  let handled = -1;
  while (performance.now() - movedAt < boundMs) {
    const allRead = await refresh().catch(() => false);
    const verdict = ledger.verdict();
    const waiting = !allRead || verdict.busy.length > 0 || verdict.open.some(({ final }) => !final);
    if (waiting || verdict.published !== published) quietSince = performance.now();
    if (verdict.published !== published || verdict.handled !== handled) movedAt = performance.now();
    ({ published, handled } = verdict);
    if (performance.now() - quietSince >= quietMs) return true;
    await delay(POLL_MS);
  }
  return false;
};
