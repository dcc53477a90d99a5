import { ClassOf, ContextSettings, Duration, ProvisionMode } from '@millrace/core';
import { ConsumerDefaults, DeadLetterSettings } from '@millrace/delivery';

export interface ScheduleModuleOptions {
  /** `create` makes streams, consumers and declared schedules agree with the code; `bind` only checks. Default `create`. */
  provision?: ProvisionMode;
  /**
   * The events that schedules made at run time publish. Where this is said, a schedule of another event is refused with
   * `EVENT_UNDECLARED`; it is what `millrace permissions` goes by, beside the decorators. Default: any.
   */
  publishes?: readonly ClassOf<object>[];
  /**
   * Which deployment this is, as in `1.10.2`: where two declare one schedule differently, the later one's stands.
   * Without it, whichever starts last.
   */
  version?: string;
  /** Whether this process may keep time. One of those that do leads, and fires for all. Default `true`. */
  keepsTime?: boolean;
  /** How long time stands still when its keeper is gone without a word. At least 1 s. Default 5 s. */
  leaderTtl?: Duration;
  /** How the streams of schedules are kept. What is not said is left as it is. */
  replicas?: number;
  storage?: 'file' | 'memory';
  /** How many occurrences of each schedule are kept. Default 1000. */
  kept?: number;
  /** How the streams are kept that schedules' events go to, by context; `'*'` for the others. */
  contexts?: Readonly<Record<string, ContextSettings>>;
  /** For all handlers that do not say otherwise. */
  defaults?: ConsumerDefaults;
  deadLetters?: DeadLetterSettings;
  /** How long handlers may go on when the application stops. Default 10 s. */
  shutdownTimeout?: Duration;
}
