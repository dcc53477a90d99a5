import { inspect } from 'node:util';
import { ErrorCode } from '../errors/error-codes.js';
import { MillraceError } from '../errors/millrace.error.js';

export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd';

/** A length of time: milliseconds as a number, or text such as `'500ms'`, `'5s'`, `'1.5m'`, `'2h'`, `'7d'`. */
export type Duration = number | `${number}${DurationUnit}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * The milliseconds of a duration.
 * @param what names the option in the error, as in `'retry.backoff'`.
 * @throws MillraceError `DURATION_INVALID` for anything else than a finite, non-negative duration.
 */
export const toMillis = (duration: Duration, what = 'duration'): number => {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration;
  const match = typeof duration === 'string' ? PATTERN.exec(duration) : null;
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (Number.isFinite(ms)) return ms;
  // Whatever came in by way of plain JavaScript: not all of it has a JSON form.
  const value = inspect(duration, { depth: 1, maxStringLength: 64 });
  throw new MillraceError(ErrorCode.DurationInvalid, `${what}: ${value} is not a duration`, {
    remedy: "Give milliseconds as a number, or text such as '500ms', '5s', '1m', '2h' or '7d'",
    details: { what, value },
  });
};

/** Milliseconds as JetStream wants them on the wire. */
export const toNanos = (ms: number): number => Math.round(ms * 1_000_000);

/** Text that `Nats-TTL` and schedules take, whole seconds rounded up: the server knows no finer unit. */
export const toServerSeconds = (ms: number): string => `${Math.max(1, Math.ceil(ms / 1000))}s`;
