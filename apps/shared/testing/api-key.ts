import { createHash, randomBytes } from 'node:crypto';
import { type Scope } from '@millrace-apps/shared';

/** A new key, and what to put into `API_KEYS` for it. */
export const newApiKey = (name: string, scopes: readonly Scope[]): { key: string; entry: string } => {
  const key = `mrk_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  return { key, entry: `${name}:${scopes.join('+')}:${hash}` };
};
