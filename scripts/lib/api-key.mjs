import { createHash, randomBytes } from 'node:crypto';

/**
 * Makes an API key. `entry` is what goes into API_KEYS, and tells nobody the key; `apps/shared/src/security/api-keys.ts`
 * reads it, and a test holds the two together.
 *
 * @param {string} name
 * @param {string} scopes with `+` between
 */
export const makeApiKey = (name, scopes) => {
  const key = `mrk_${randomBytes(32).toString('base64url')}`;
  return { key, entry: `${name}:${scopes}:${createHash('sha256').update(key).digest('hex')}` };
};
