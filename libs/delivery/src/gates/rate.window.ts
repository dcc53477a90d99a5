import { RatePolicy } from '../policy/rate.policy.js';
import { ServerTime } from './server.clock.js';

/** Into so many parts the time `per` is cut: what is granted within one is kept as one number. */
const PARTS = 32;

/** Starts that were granted together. Times are the server's, milliseconds since the epoch. */
interface Slice {
  readonly from: number;
  /** No later than this they began. */
  readonly until: number;
  readonly count: number;
}

/** What all replicas of a group were granted lately, oldest first. */
export type RateWindow = readonly Slice[];

export interface RateDemand {
  now: ServerTime;
  wanted: number;
  /** For how long what is granted may be used. */
  leewayMs: number;
}

export type RateGrant =
  | { readonly kind: 'granted'; readonly count: number; readonly window: RateWindow }
  /** Nothing is left before then. */
  | { readonly kind: 'exhausted'; readonly retryAt: number };

/**
 * Grants as many starts as leave no more than `count` within any `per`. A grant counts from the last moment at
 * which it may be used, so that one used late does not meet the next one; and where nobody can say what the time is
 * exactly, from the latest that it can be until the earliest.
 */
export const grant = (
  window: RateWindow,
  { count, perMs }: RatePolicy,
  { now, wanted, leewayMs }: RateDemand,
): RateGrant => {
  const live = window.filter(({ until }) => until + perMs > now.earliest);
  const granted = Math.min(wanted, count - live.reduce((sum, slice) => sum + slice.count, 0));
  const [oldest] = live;
  if (granted <= 0 && oldest) return { kind: 'exhausted', retryAt: oldest.until + perMs };
  const last = live.at(-1);
  const until = Math.max(now.latest + leewayMs, last?.until ?? 0);
  const joins = last && now.latest - last.from < perMs / PARTS;
  const slice = joins
    ? { from: last.from, until, count: last.count + granted }
    : { from: now.latest, until, count: granted };
  return { kind: 'granted', count: granted, window: [...(joins ? live.slice(0, -1) : live), slice] };
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** As it is stored: `[[from, until, count], …]`. */
export const encodeWindow = (window: RateWindow): Uint8Array =>
  encoder.encode(JSON.stringify(window.map(({ from, until, count }) => [from, until, count])));

/** What is stored, read; empty where somebody else wrote it. */
export const decodeWindow = (body: Uint8Array): RateWindow => {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(body));
    return Array.isArray(parsed) ? parsed.flatMap(toSlice) : [];
  } catch {
    return [];
  }
};

const toSlice = (value: unknown): Slice[] => {
  if (!Array.isArray(value) || !value.every(Number.isFinite)) return [];
  const [from, until, count] = value as number[];
  return from === undefined || until === undefined || count === undefined ? [] : [{ from, until, count }];
};
