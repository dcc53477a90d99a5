import { existsSync, readFileSync } from 'node:fs';
import { run, say, seconds } from './command.mjs';
import { missingFrom } from './lock.mjs';
import { inRoot } from './workspace.mjs';

/** Installs from the lock file, unless what it asks for is there. @returns {Promise<boolean>} whether it is there now */
export const install = async () => {
  const reason = whyInstall();
  if (reason === undefined) return true;
  say(`Installing: ${reason}`);
  const { ok, ended, ms } = await npm([
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=warn',
  ]);
  say(ok ? `Installed in ${seconds(ms)}` : `npm ci failed: ${ended}`);
  return ok;
};

const whyInstall = () => {
  const stamp = inRoot('node_modules/.package-lock.json');
  if (!existsSync(stamp)) return 'nothing is installed yet';
  const [first, ...rest] = missingFrom(readJson(inRoot('package-lock.json')), readJson(stamp));
  if (first === undefined) return undefined;
  return `${first} ${rest.length > 0 ? `and ${rest.length} more are` : 'is'} not as package-lock.json says`;
};

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Runs npm. @param {readonly string[]} args @param {{ capture?: boolean }} [options] */
export const npm = (args, options = {}) => {
  // Under `npm start` this names the npm at work; otherwise the one on the path, on Windows a shell script.
  const script = process.env.npm_execpath;
  return script?.endsWith('.js')
    ? run(process.execPath, [script, ...args], options)
    : run('npm', args, { ...options, shell: process.platform === 'win32' });
};
