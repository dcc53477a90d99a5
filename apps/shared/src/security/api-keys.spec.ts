import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '@millrace/core';
import { loadConfig } from '../config/config.loader.js';
import { AppConfig } from '../config/app.config.js';
import { newApiKey } from '@millrace-apps/shared/testing';
import { ApiKeys } from './api-keys.js';

class TestConfig extends AppConfig {
  readonly app = 'test';
}

const HASH = 'ab'.repeat(32);
const problemOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    if (MillraceError.is(error, 'CONFIG_INVALID')) return error.message;
    throw error;
  }
  return 'no problem';
};

describe('ApiKeys', () => {
  const shop = newApiKey('shop', ['service']);
  const boss = newApiKey('boss', ['admin', 'service']);
  const keys = ApiKeys.parse(`${shop.entry}, ${boss.entry}`);

  it('know whose key it is, wherever it stands in the list', () => {
    expect(keys.find(shop.key)).toMatchObject({ name: 'shop', scopes: ['service'] });
    expect(keys.find(boss.key)).toMatchObject({ name: 'boss', scopes: ['admin', 'service'] });
  });

  it.each(['', 'x', HASH, shop.key.slice(0, -1), `${shop.key}x`, shop.key.toUpperCase(), shop.entry])(
    'know no other: %j',
    (key) => {
      expect(keys.find(key)).toBeUndefined();
    },
  );

  it('hold no key, only what cannot be turned back into one', () => {
    expect(shop.entry).toBe(`shop:service:${createHash('sha256').update(shop.key).digest('hex')}`);
  });

  it.each([
    'shop',
    `shop:${HASH}`,
    `shop::${HASH}`,
    `shop:root:${HASH}`,
    `shop:admin+:${HASH}`,
    `Shop:admin:${HASH}`,
    `shop:admin:${HASH.slice(1)}`,
    `shop:admin:${HASH},`,
    `shop:admin:${HASH},shop:service:${'cd'.repeat(32)}`,
  ])('refuse what is malformed, and do not show it: %s', (text) => {
    expect(problemOf(() => ApiKeys.parse(text))).not.toContain(HASH.slice(1));
    expect(problemOf(() => ApiKeys.parse(text))).toMatch(/API key/);
    expect(problemOf(() => loadConfig(TestConfig, { API_KEYS: text }))).toContain('- API_KEYS must be');
  });

  it('must be set in production', () => {
    expect(problemOf(() => loadConfig(TestConfig, { NODE_ENV: 'production' }))).toContain(
      "- API_KEYS must be '<name>:",
    );
    const env = { NODE_ENV: 'production', API_KEYS: shop.entry };
    expect(loadConfig(TestConfig, env).API_KEYS).toBe(shop.entry);
    expect(loadConfig(TestConfig, { NODE_ENV: 'production', PROVISION: 'only' }).API_KEYS).toBeUndefined();
    expect(loadConfig(TestConfig, {}).API_KEYS).toBeUndefined();
  });

  it('are made by the script too', () => {
    const script = fileURLToPath(new URL('../../../../scripts/api-key.mjs', import.meta.url));
    const made = execFileSync(process.execPath, [script, 'web-shop', 'admin+service'], { encoding: 'utf8' });
    const [, key = ''] = /^key: +(\S+)$/m.exec(made) ?? [];
    const [, entry = ''] = /^API_KEYS: +(\S+)$/m.exec(made) ?? [];
    expect(ApiKeys.parse(entry).find(key)).toMatchObject({ name: 'web-shop', scopes: ['admin', 'service'] });
    expect(() => execFileSync(process.execPath, [script, 'shop', 'root'], { stdio: 'pipe' })).toThrow(
      'scope',
    );
  });
});
