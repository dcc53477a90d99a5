import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { npm } from './install.mjs';
import { root } from './workspace.mjs';

/** What an image is made for. */
export const IMAGE_APPS = ['user', 'order', 'scheduler'];

// An optional peer of @nestjs/swagger, for a compiler plugin that is not used: a fifth of the bytes.
const NOT_NEEDED = 'node_modules/typescript';

/** @typedef {{ place: string, link?: string }} InstalledPackage its folder, and for a workspace the one that it links to */

/** The installed packages that an app needs at run time, as npm tells. @param {string} app @returns {Promise<InstalledPackage[]>} */
export const productionPackages = async (app) => {
  const args = ['ls', '--omit=dev', '--all', '--parseable', `--workspace=@millrace-apps/${app}`];
  const { ok, ended, output } = await npm(args, { capture: true });
  if (!ok) throw new Error(`npm ls failed: ${ended}\n${output}`);
  const base = realpathSync(root);
  return [...new Set(output.split('\n'))]
    .filter((path) => path.includes('node_modules'))
    .map((path) => ({ place: relative(base, path), real: relative(base, realpathSync(path)) }))
    .filter(({ place }) => place !== NOT_NEEDED)
    .map(({ place, real }) => (place === real ? { place } : { place, link: real }));
};
