import { MillraceError } from '@millrace/core';
import { loadConfig } from '../config/config.loader.js';
import { natsOptions } from '../config/nats.options.js';
import { EncryptingConfig } from './encrypting.config.js';
import { IsSecret } from './is-secret.decorator.js';

class TestConfig extends EncryptingConfig {
  readonly app = 'test';
  @IsSecret() INDEX_KEY?: string;
  override readonly secrets: readonly string[] = ['ENCRYPTION_KEYS', 'INDEX_KEY'];
}

const SECRET = Buffer.alloc(32, 7).toString('base64');
const problemOf = (env: Record<string, string>): string => {
  try {
    loadConfig(TestConfig, env);
  } catch (error) {
    if (MillraceError.is(error, 'CONFIG_INVALID')) return error.message;
    throw error;
  }
  return 'no problem';
};

describe('secrets', () => {
  it('have a default in development, which the app knows to be none', () => {
    const config = loadConfig(TestConfig, {});
    expect(config.publicSecrets).toEqual(['ENCRYPTION_KEYS', 'INDEX_KEY']);
    expect(natsOptions(config).encryption?.keys.current().id).toBe('insecure-development');
  });

  it('have none in production', () => {
    const problem = problemOf({ NODE_ENV: 'production' });
    for (const name of ['ENCRYPTION_KEYS', 'INDEX_KEY']) expect(problem).toContain(`- ${name} must be`);
  });

  it('are what is set, the current key first', () => {
    const env = {
      NODE_ENV: 'production',
      ENCRYPTION_KEYS: `new:${SECRET}, old:${SECRET}`,
      INDEX_KEY: SECRET,
      API_KEYS: `shop:service:${'ab'.repeat(32)}`,
    };
    const config = loadConfig(TestConfig, env);
    expect(config.publicSecrets).toEqual([]);
    const keys = natsOptions(config).encryption?.keys;
    expect([keys?.current().id, keys?.find('old')?.id]).toEqual(['new', 'old']);
  });

  it.each(['hunter2', 'id:hunter2', `id:${SECRET},hunter2`])(
    'are refused without being shown: %s',
    (text) => {
      const problem = problemOf({ ENCRYPTION_KEYS: text, INDEX_KEY: 'hunter2' });
      for (const name of ['ENCRYPTION_KEYS', 'INDEX_KEY']) expect(problem).toContain(`- ${name} must be`);
      expect(problem).not.toContain('hunter2');
    },
  );
});
