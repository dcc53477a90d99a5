import { NatsModuleOptions } from '@millrace/core';
import { EncryptingConfig } from '../encryption/encrypting.config.js';
import { encryptionKeys } from '../encryption/secrets.js';
import { AppConfig } from './app.config.js';

/** The connection that an app's configuration describes. */
export const natsOptions = (config: AppConfig): NatsModuleOptions => ({
  name: config.app,
  servers: config.NATS_URL,
  // So that its user can be kept from the answers that others get.
  inboxPrefix: `_INBOX.${config.app}`,
  requestTimeout: config.PUBLISH_DEADLINE,
  publish: { deadline: config.PUBLISH_DEADLINE },
  ...(config.NATS_USER === undefined ? {} : { user: config.NATS_USER }),
  ...(config.NATS_PASSWORD === undefined ? {} : { password: config.NATS_PASSWORD }),
  ...(config.NATS_CREDS === undefined ? {} : { credentialsFile: config.NATS_CREDS }),
  ...(config instanceof EncryptingConfig
    ? { encryption: { keys: encryptionKeys(config.ENCRYPTION_KEYS) } }
    : {}),
  ...(config.NATS_CA === undefined ? {} : { tls: { caFile: config.NATS_CA } }),
});
