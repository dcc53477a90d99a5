// `node scripts/api-key.mjs <name> <scope>[+<scope>]`: makes an API key. The key is shown once, and kept nowhere;
// what goes into API_KEYS is its hash.
import { makeApiKey } from './lib/api-key.mjs';

const USAGE = 'Use: node scripts/api-key.mjs <name> <scope>[+<scope>]   with scopes of admin, service';

const [name = '', scopes = ''] = process.argv.slice(2);
if (!/^[a-z][a-z0-9-]{0,63}$/.test(name) || !/^(admin|service)(\+(admin|service))*$/.test(scopes)) {
  console.error(USAGE);
  process.exit(2);
}

const { key, entry } = makeApiKey(name, scopes);
console.log(`key:      ${key}`);
console.log(`API_KEYS: ${entry}`);
