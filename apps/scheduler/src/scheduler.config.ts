import { type Duration } from '@millrace/core';
import { EncryptingConfig, IsDuration } from '@millrace-apps/shared';

/** The environment of the scheduler app. */
export class SchedulerConfig extends EncryptingConfig {
  readonly app = 'scheduler';
  override PORT = 3003;

  /** How often the timer ticks. Replicas must agree on it. */
  @IsDuration() TICK_INTERVAL: Duration = '1s';
}
