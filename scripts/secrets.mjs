// `npm run secrets`: makes the certificates, passwords and keys that compose and Kubernetes need, in deploy/secrets/.
// What is there already stays: to replace something, delete its file and run it again.
import { parseArgs } from 'node:util';
import { say } from './lib/command.mjs';
import { install } from './lib/install.mjs';
import { inRoot } from './lib/workspace.mjs';

const USAGE = `Use: npm run secrets [-- --into <folder>] [--host <name>]…

  --into <folder>   where to, instead of deploy/secrets
  --host <name>     one more name or address under which clients reach a NATS node; may be repeated
`;

const options = {
  into: { type: 'string', default: inRoot('deploy/secrets') },
  host: { type: 'string', multiple: true, default: [] },
};

/** @type {{ into: string, host: string[] } | undefined} */
let given;
try {
  given = parseArgs({ options: /** @type {const} */ (options) }).values;
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}

if (await install()) {
  const { makeSecrets } = await import('./secrets/secret.files.mjs');
  const made = await makeSecrets({ folder: given.into, hosts: given.host });
  for (const name of made) console.log(`made ${name}`);
  console.log(made.length === 0 ? `Nothing is missing in ${given.into}` : `Keep ${given.into} to yourself`);
} else process.exitCode = 1;
