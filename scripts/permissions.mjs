// `npm run permissions`: writes what each app's user needs into the configuration of the servers that are deployed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { prepare } from './lib/build.mjs';
import { say } from './lib/command.mjs';
import { APPS, permissionsFile, printPermissions } from './lib/permissions.mjs';

if (await prepare()) {
  for (const app of APPS) {
    const file = permissionsFile(app);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await printPermissions(app));
    say(`Wrote ${file}`);
  }
} else process.exitCode = 1;
