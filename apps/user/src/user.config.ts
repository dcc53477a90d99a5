import { AppConfig } from '@millrace-apps/shared';

/** The environment of the user app. */
export class UserConfig extends AppConfig {
  readonly app = 'user';
  override PORT = 3001;
}
