import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { root } from './workspace.mjs';

const NOT_OURS = new Set(['node_modules', 'dist', '.build', 'coverage', '.git']);

/** The files of the repository, relative to its root: what Git knows, or all there are where there is no Git. */
export const committedFiles = () => {
  try {
    const list = execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return list.split('\0').filter((name) => name !== '');
  } catch {
    return [...walk('')];
  }
};

/** @param {string} folder @returns {Generator<string>} */
function* walk(folder) {
  for (const entry of readdirSync(`${root}${folder}`, { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    if (entry.isDirectory()) yield* walk(`${folder}${entry.name}/`);
    else if (entry.isFile()) yield `${folder}${entry.name}`;
  }
}
