// `node scripts/api-key.mjs <name> <scope>[+<scope>]`: makes an API key. The key is shown once, and kept nowhere;
// what goes into API_KEYS is its hash. `apps/shared/src/security/api-keys.ts` reads it, and a test holds the two together.
import { createHash, randomBytes } from 'node:crypto';

const USAGE = 'Use: node scripts/api-key.mjs <name> <scope>[+<scope>]   with scopes of admin, service';

const [name = '', scopes = ''] = process.argv.slice(2);
if (!/^[a-z][a-z0-9-]{0,63}$/.test(name) || !/^(admin|service)(\+(admin|service))*$/.test(scopes)) {
  console.error(USAGE);
  process.exit(2);
}

const key = `mrk_${randomBytes(32).toString('base64url')}`;
const hash = createHash('sha256').update(key).digest('hex');
console.log(`key:      ${key}`);
console.log(`API_KEYS: ${name}:${scopes}:${hash}`);
