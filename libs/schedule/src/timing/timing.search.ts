import { assertNever } from '@millrace/core';
import { parseCron } from './cron.expression.js';
import { Timing } from './timing.js';

/** The first nominal time after `after`; `undefined` where there is none. Milliseconds since the epoch. */
export const nextAfter = (timing: Timing, after: number): number | undefined => {
  switch (timing.kind) {
    case 'cron':
      return parseCron(timing.expression, timing.timeZone).nextRun(new Date(after))?.getTime();
    case 'every':
      return (Math.floor(after / timing.everyMs) + 1) * timing.everyMs;
    case 'once':
      return timing.at > after ? timing.at : undefined;
    default:
      return assertNever(timing);
  }
};

/** The last `count` nominal times before `before`, oldest first. Milliseconds since the epoch. */
export const lastBefore = (timing: Timing, before: number, count: number): number[] => {
  switch (timing.kind) {
    case 'cron':
      return parseCron(timing.expression, timing.timeZone)
        .previousRuns(count, new Date(before))
        .map((date) => date.getTime())
        .reverse();
    case 'every': {
      const last = (Math.ceil(before / timing.everyMs) - 1) * timing.everyMs;
      return Array.from({ length: count }, (_, at) => last - (count - 1 - at) * timing.everyMs);
    }
    case 'once':
      return timing.at < before ? [timing.at] : [];
    default:
      return assertNever(timing);
  }
};
