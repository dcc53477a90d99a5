// `node scripts/image.mjs <app> <folder>`: puts into the folder what a built app needs to run, and nothing else. The
// Dockerfile calls it; so does the test that starts what comes of it.
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { say } from './lib/command.mjs';
import { IMAGE_APPS, productionPackages } from './lib/production.mjs';
import { inRoot } from './lib/workspace.mjs';

const [app = '', folder] = process.argv.slice(2);
if (!IMAGE_APPS.includes(app) || folder === undefined) {
  say(`Use: node scripts/image.mjs <${IMAGE_APPS.join('|')}> <folder>`);
  process.exit(2);
}
if (!existsSync(inRoot('apps', app, 'dist/main.js'))) {
  say(`apps/${app} is not built: run 'npm run build' first`);
  process.exit(1);
}

// Declarations and source maps are for those who compile and debug: a third of the bytes.
const NOT_RUN = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$/;

/** @param {string} from @param {string} to */
const copy = (from, to) =>
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !NOT_RUN.test(path) && !relative(from, path).split('/').includes('node_modules'),
  });

for (const { place, link } of await productionPackages(app)) {
  if (link === undefined) {
    copy(inRoot(place), `${folder}/${place}`);
    continue;
  }
  copy(inRoot(link, 'package.json'), `${folder}/${link}/package.json`);
  copy(inRoot(link, 'dist'), `${folder}/${link}/dist`);
  mkdirSync(dirname(`${folder}/${place}`), { recursive: true });
  symlinkSync(relative(dirname(place), link), `${folder}/${place}`);
}
// The same program for every app: `app/dist/main.js`.
symlinkSync(`apps/${app}`, `${folder}/app`);
