// `npm test`: the checks, every test, a short run of the drill and one of the benchmarks. `npm test unit|int|e2e [jest's arguments]`
// runs one kind. The last line counts them all.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { prepare } from './lib/build.mjs';
import { run, runNode, seconds } from './lib/command.mjs';
import { describe, NONE, ONE_FAILURE, ONE_PASS, passedAgain, sum, tallyOf } from './lib/tally.mjs';
import { inRoot, tools } from './lib/workspace.mjs';

// End-to-end tests run whole applications: side by side they would only wait for each other.
const WORKERS = /** @type {const} */ ({ unit: '--maxWorkers=2', int: '--maxWorkers=2', e2e: '--runInBand' });

/** @type {string[]} */
const again = [];

/** @param {keyof typeof WORKERS} kind @param {readonly string[]} args */
const jest = async (kind, args) => {
  const reportFile = inRoot('.build', `jest-${kind}.json`);
  mkdirSync(inRoot('.build'), { recursive: true });
  rmSync(reportFile, { force: true });
  const { ok } = await run(process.execPath, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    tools.jest,
    '--selectProjects',
    kind,
    WORKERS[kind],
    '--json',
    `--outputFile=${reportFile}`,
    ...args,
  ]);
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;
  again.push(...passedAgain(report));
  return tallyOf(report, ok);
};

/** @param {string} script @param {readonly string[]} args */
const succeeds = async (script, args) => ((await runNode(inRoot(script), args)).ok ? NONE : ONE_FAILURE);

// Always the same faults: one that fails can be repeated.
const drill = async () =>
  (await runNode(inRoot('bench/dist/chaos/main.js'), ['--seconds', '15', '--seed', '7', '--nodes', '1'])).ok
    ? ONE_PASS
    : ONE_FAILURE;

// Whether they run; what they measure in so short a time means nothing.
const smoke = () =>
  existsSync(inRoot('bench/dist/main.js')) ? succeeds('bench/dist/main.js', ['--smoke']) : NONE;

/** @type {Record<string, () => Promise<import('./lib/tally.mjs').Tally> | import('./lib/tally.mjs').Tally>} */
const everything = {
  check: () => succeeds('scripts/check.mjs', []),
  unit: () => jest('unit', []),
  int: () => jest('int', []),
  e2e: () => jest('e2e', []),
  chaos: drill,
  bench: smoke,
};

const [kind, ...args] = process.argv.slice(2);
if (kind !== undefined && !Object.hasOwn(WORKERS, kind)) {
  console.error(`'${kind}' is no kind of test. Use: npm test [unit|int|e2e] [arguments for jest]`);
  process.exit(2);
}
const stages =
  kind === undefined ? everything : { [kind]: () => jest(/** @type {keyof typeof WORKERS} */ (kind), args) };

/** @type {{ name: string, tally: import('./lib/tally.mjs').Tally, ms: number }[]} */
const done = [];
/** @param {string} name @param {() => Promise<import('./lib/tally.mjs').Tally> | import('./lib/tally.mjs').Tally} stage */
const perform = async (name, stage) => {
  console.log(`\n== ${name}`);
  const startedAt = performance.now();
  const tally = await stage();
  done.push({ name, tally, ms: performance.now() - startedAt });
};

await perform('build', async () => ((await prepare()) ? NONE : ONE_FAILURE));
// Nothing can be said about code that does not compile.
if (sum(done.map(({ tally }) => tally)).failed === 0) {
  for (const [name, stage] of Object.entries(stages)) await perform(name, stage);
}

const total = sum(done.map(({ tally }) => tally));
console.log('');
for (const { name, tally, ms } of done)
  console.log(`${name.padEnd(6)} ${seconds(ms).padStart(8)}  ${describe(tally)}`);
for (const name of again) console.log(`failed at first, then passed: ${name}`);
console.log(describe(total));
process.exitCode = total.failed === 0 ? 0 : 1;
