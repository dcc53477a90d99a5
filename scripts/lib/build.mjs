import { runNode, say } from './command.mjs';
import { install } from './install.mjs';
import { tools } from './workspace.mjs';

/** Compiles what has changed. @returns {Promise<boolean>} whether it compiles */
export const build = async () => {
  const { ok, ended } = await runNode(tools.tsc, ['-b', 'tsconfig.build.json']);
  if (!ok) say(`The build failed: ${ended}`);
  return ok;
};

/** @returns {Promise<boolean>} whether everything is installed and compiled */
export const prepare = async () => (await install()) && (await build());
