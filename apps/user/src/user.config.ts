import { type Duration } from '@millrace/core';
import { EncryptingConfig, IsDuration, IsSecret } from '@millrace-apps/shared';

/** The environment of the user app. */
export class UserConfig extends EncryptingConfig {
  readonly app = 'user';
  override PORT = 3001;

  /** What emails are hashed with for the index that keeps them unique. Another one is another index. */
  @IsSecret() EMAIL_INDEX_KEY?: string;

  /** How long a request waits for others who are at work on the same thing. */
  @IsDuration() LOCK_WAIT: Duration = '2s';

  override readonly secrets: readonly string[] = ['ENCRYPTION_KEYS', 'EMAIL_INDEX_KEY'];
}
