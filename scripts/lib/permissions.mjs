import { runNode } from './command.mjs';
import { inRoot } from './workspace.mjs';

/** The apps that have users of their own. */
export const APPS = ['order', 'scheduler', 'user'];

/** Where the rights of an app's user stand, for the servers that are deployed. @param {string} app */
export const permissionsFile = (app) => inRoot('deploy', 'nats', 'permissions', `${app}.conf`);

/**
 * What a built app needs, as `millrace permissions` prints it.
 *
 * @param {string} app
 * @returns {Promise<string>}
 */
export const printPermissions = async (app) => {
  const module = inRoot('apps', app, 'dist', 'root.module.js');
  const args = ['permissions', module, '--export', 'rootModule'];
  const { ok, output } = await runNode(inRoot('libs/cli/bin/millrace.js'), args, { capture: true });
  if (!ok) throw new Error(`The permissions of ${app} cannot be printed: ${output}`);
  return output;
};
