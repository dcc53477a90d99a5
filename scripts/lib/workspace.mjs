import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The repository's root. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A path under the root. */
export const inRoot = (/** @type {string[]} */ ...parts) => join(root, ...parts);

/** The program files of the tools we run, as Node scripts: no shell, no shim, the same on every system. */
export const tools = {
  tsc: inRoot('node_modules/typescript/bin/tsc'),
  jest: inRoot('node_modules/jest/bin/jest.js'),
  prettier: inRoot('node_modules/prettier/bin/prettier.cjs'),
  oxlint: inRoot('node_modules/oxlint/bin/oxlint'),
  depcruise: inRoot('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
};
