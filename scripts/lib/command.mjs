import { spawn } from 'node:child_process';
import { root } from './workspace.mjs';

/**
 * @typedef {object} CommandResult
 * @property {boolean} ok whether it ended with code 0
 * @property {string} ended how it ended, in words
 * @property {number} ms
 * @property {string} output what it printed, where it was captured
 */

/**
 * Runs a program from the root. Its output streams through, unless `capture` keeps it for later.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ capture?: boolean, shell?: boolean }} [options]
 * @returns {Promise<CommandResult>} never rejects: a program that cannot be run is a failed one
 */
export const run = (program, args, { capture = false, shell = false } = {}) =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const output = capture ? 'pipe' : 'inherit';
    const child = spawn(program, args, { cwd: root, shell, stdio: ['ignore', output, output] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text += chunk));
    }
    const finish = (/** @type {boolean} */ ok, /** @type {string} */ ended) =>
      resolve({ ok, ended, ms: performance.now() - startedAt, output: text });
    child.on('error', (error) => finish(false, error.message));
    child.on('close', (code, signal) => finish(code === 0, signal ?? `exit code ${code}`));
  });

/** Runs a Node script. @param {string} script @param {readonly string[]} args @param {{ capture?: boolean }} [options] */
export const runNode = (script, args, options) => run(process.execPath, [script, ...args], options);

/** Milliseconds as people read them. @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Says what is being done, where it mixes with no program's own output. @param {string} text */
export const say = (text) => process.stderr.write(`${text}\n`);
