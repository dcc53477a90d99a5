import { type Duration } from '@millrace/core';
import { EncryptingConfig, IsDuration } from '@millrace-apps/shared';

/** The environment of the order app. */
export class OrderConfig extends EncryptingConfig {
  readonly app = 'order';
  override PORT = 3002;

  /** How long a confirmed order waits to be paid, before it is cancelled. */
  @IsDuration() PAYMENT_TIMEOUT: Duration = '15m';

  /** How long an order may be on its way before its customer is reminded. */
  @IsDuration() RECEIPT_REMINDER: Duration = '14d';

  /** How long after its receipt an order is completed by itself. */
  @IsDuration() RETURN_WINDOW: Duration = '14d';
}
