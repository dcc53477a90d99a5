// `npm test`: the checks, every test, a short run of the drill and one of the benchmarks. `npm test unit|int|e2e [jest's arguments]`
// runs one kind. The last line counts them all.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { prepare } from './lib/build.mjs';
import { run, seconds } from './lib/command.mjs';
import { describe, NONE, ONE_FAILURE, ONE_PASS, passedAgain, sum, tallyOf } from './lib/tally.mjs';
import { inRoot, tools } from './lib/workspace.mjs';

/** @typedef {import('./lib/tally.mjs').Tally} Tally */
/** @typedef {{ tally: Tally, output: string }} Outcome what was counted, and what was printed where that was kept */
/** @typedef {(capture: boolean) => Promise<Outcome>} Stage */

const cores = availableParallelism();
// Tests on real servers wait more than they work: for leases and expiries, for processes to start and to die.
const WORKERS = { unit: cores, int: Math.min(2 * cores, 8), e2e: Math.min(Math.ceil(1.5 * cores), 6) };

/** @type {string[]} */
const again = [];

/** @param {keyof typeof WORKERS} kind @param {readonly string[]} args @returns {Stage} */
const jest = (kind, args) => async (capture) => {
  const reportFile = inRoot('.build', `jest-${kind}.json`);
  mkdirSync(inRoot('.build'), { recursive: true });
  rmSync(reportFile, { force: true });
  const command = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    tools.jest,
    '--selectProjects',
    kind,
    `--maxWorkers=${WORKERS[kind]}`,
    '--json',
    `--outputFile=${reportFile}`,
    ...args,
  ];
  const { ok, output } = await run(process.execPath, command, { capture });
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;
  again.push(...passedAgain(report));
  return { tally: tallyOf(report, ok), output };
};

/** @param {string} script @param {readonly string[]} args @param {Tally} passed @returns {Stage} */
const succeeds = (script, args, passed) => async (capture) => {
  const { ok, output } = await run(process.execPath, [inRoot(script), ...args], { capture });
  return { tally: ok ? passed : ONE_FAILURE, output };
};

// Always the same faults: one that fails can be repeated.
const DRILL = ['--seconds', '15', '--seed', '7', '--nodes', '1'];

/** @type {Record<string, Stage>} */
const EVERYTHING = {
  build: async () => ({ tally: (await prepare()) ? NONE : ONE_FAILURE, output: '' }),
  check: succeeds('scripts/check.mjs', [], NONE),
  unit: jest('unit', []),
  int: jest('int', []),
  e2e: jest('e2e', []),
  chaos: succeeds('bench/dist/chaos/main.js', DRILL, ONE_PASS),
  // Whether they run; what they measure in so short a time, and beside others, means nothing.
  bench: succeeds('bench/dist/main.js', ['--smoke'], NONE),
};

const [kind, ...args] = process.argv.slice(2);
if (kind !== undefined && !Object.hasOwn(WORKERS, kind)) {
  console.error(`'${kind}' is no kind of test. Use: npm test [unit|int|e2e] [arguments for jest]`);
  process.exit(2);
}
const stages =
  kind === undefined
    ? EVERYTHING
    : { ...EVERYTHING, [kind]: jest(/** @type {keyof typeof WORKERS} */ (kind), args) };

/** @typedef {readonly string[]} Lane names of stages, one after the other */

/**
 * Each line when the one above is done, the lanes of a line side by side: no core waits with those who wait.
 *
 * @type {Lane[][]}
 */
const plan =
  kind === undefined ? [[['check'], ['unit']], [['int']], [['e2e'], ['chaos', 'bench']]] : [[[kind]]];

/** @type {{ name: string, tally: Tally, ms: number }[]} */
const done = [];

/** @param {Lane} lane @param {boolean} first whether it prints as it goes, or all when it is asked to */
const follow = async (lane, first) => {
  const outcomes = [];
  for (const name of lane) {
    if (first) console.log(`\n== ${name}`);
    const startedAt = performance.now();
    const { tally, output } = await /** @type {Stage} */ (stages[name])(!first);
    outcomes.push({ name, tally, ms: performance.now() - startedAt, output });
  }
  return outcomes;
};

/** @param {readonly Lane[]} lanes */
const sideBySide = async (lanes) => {
  const following = lanes.map((lane, at) => follow(lane, at === 0));
  for (const [at, lane] of following.entries()) {
    for (const { output, ...outcome } of await lane) {
      if (at > 0) console.log(`\n== ${outcome.name}\n${output.trimEnd()}`);
      done.push(outcome);
    }
  }
};

const totalOf = () => sum(done.map(({ tally }) => tally));

await sideBySide([['build']]);
// Nothing can be said about code that does not compile.
if (totalOf().failed === 0) for (const lanes of plan) await sideBySide(lanes);

console.log('');
for (const { name, tally, ms } of done)
  console.log(`${name.padEnd(6)} ${seconds(ms).padStart(8)}  ${describe(tally)}`);
console.log(`all    ${seconds(performance.now()).padStart(8)}`);
for (const name of again) console.log(`failed at first, then passed: ${name}`);
const total = totalOf();
console.log(describe(total));
process.exitCode = total.failed === 0 ? 0 : 1;
