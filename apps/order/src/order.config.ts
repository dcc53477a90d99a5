import { EncryptingConfig } from '@millrace-apps/shared';

/** The environment of the order app. */
export class OrderConfig extends EncryptingConfig {
  readonly app = 'order';
  override PORT = 3002;
}
