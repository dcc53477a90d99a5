import { IsOptional, IsString } from 'class-validator';
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

  /** The only hosts that webhooks may go to, as in `hooks.example.org,10.0.0.7:9000`. Not set: any public one. */
  @IsOptional() @IsString() WEBHOOK_HOSTS?: string;

  /** How long a webhook's receiver may take to answer. */
  @IsDuration() WEBHOOK_TIMEOUT: Duration = '10s';

  /** How often a stream of server-sent events says that it is there. */
  @IsDuration() STREAM_HEARTBEAT: Duration = '15s';

  override readonly secrets: readonly string[] = ['ENCRYPTION_KEYS', 'EMAIL_INDEX_KEY'];
}
