import { AppConfig } from '@millrace-apps/shared';

/** The environment of the order app. */
export class OrderConfig extends AppConfig {
  readonly app = 'order';
  override PORT = 3002;
}
