import { assertNever } from '@millrace/core';

/** When a schedule fires, as it is stored. Instants are milliseconds since the epoch. */
export type Timing =
  | { readonly kind: 'cron'; readonly expression: string; readonly timeZone: string }
  /** At every whole multiple of the interval since the epoch, so that all replicas name the same times. */
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'once'; readonly at: number };

/** As shown in lists and logs. */
export const timingText = (timing: Timing): string => {
  switch (timing.kind) {
    case 'cron':
      return `${timing.expression} (${timing.timeZone})`;
    case 'every':
      return `every ${timing.everyMs} ms`;
    case 'once':
      return `once at ${new Date(timing.at).toISOString()}`;
    default:
      return assertNever(timing);
  }
};

/** Whether two schedules fire at the same times. */
export const sameTiming = (one: Timing, other: Timing): boolean => timingText(one) === timingText(other);
