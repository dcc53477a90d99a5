// `npm run clean`: removes what builds and tests leave behind. Installed packages stay.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { inRoot } from './lib/workspace.mjs';

const groups = ['libs', 'apps'].filter((group) => existsSync(inRoot(group)));
const packages = [
  ...groups.flatMap((group) => readdirSync(inRoot(group)).map((name) => `${group}/${name}`)),
  'demo',
  'bench',
];

for (const path of [...packages.map((name) => `${name}/dist`), '.build', 'coverage']) {
  rmSync(inRoot(path), { recursive: true, force: true });
}
