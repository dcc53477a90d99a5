import { AppConfig } from '../config/app.config.js';
import { IsEncryptionKeys } from './is-secret.decorator.js';

/** The environment of an app that stores or handles personal data. */
export abstract class EncryptingConfig extends AppConfig {
  /** The same in all apps that exchange personal data. */
  @IsEncryptionKeys() ENCRYPTION_KEYS?: string;

  /** The variables of secrets; those that are not set have a value that everybody can know. */
  readonly secrets: readonly string[] = ['ENCRYPTION_KEYS'];

  /** The secrets that are not set. */
  get publicSecrets(): string[] {
    return this.secrets.filter((name) => Reflect.get(this, name) === undefined);
  }
}
