// `npm run check`: everything that can be told about the code without running it.
import { existsSync, readFileSync } from 'node:fs';
import { prepare } from './lib/build.mjs';
import { runNode, seconds } from './lib/command.mjs';
import { committedFiles } from './lib/committed.mjs';
import { machineTraces } from './lib/traces.mjs';
import { inRoot, tools } from './lib/workspace.mjs';

const SOURCES = ['libs', 'apps', 'demo', 'bench'];

/** @typedef {{ ok: boolean, output: string }} Finding */

/** @param {string} script @param {readonly string[]} args @returns {Promise<Finding>} */
const tool = (script, args) => runNode(script, args, { capture: true });

/** @returns {Finding} */
const traces = () => {
  const found = committedFiles()
    .filter((file) => existsSync(inRoot(file)))
    .flatMap((file) =>
      machineTraces(readFileSync(inRoot(file), 'utf8')).map(
        (trace) => `${file}:${trace.line}: ${trace.found}`,
      ),
    );
  return { ok: found.length === 0, output: found.join('\n') };
};

/** @type {[name: string, step: () => Finding | Promise<Finding>][]} */
const steps = [
  ['formatting (npm run format mends it)', () => tool(tools.prettier, ['--check', '--log-level=warn', '.'])],
  ['lint', () => tool(tools.oxlint, ['--type-aware', '--deny-warnings'])],
  ['types of the specs', () => tool(tools.tsc, ['-b', 'tsconfig.spec.json'])],
  [
    'floors, cycles and deep imports',
    () =>
      tool(tools.depcruise, [
        '--config',
        '.dependency-cruiser.cjs',
        ...SOURCES.filter((name) => existsSync(inRoot(name))),
      ]),
  ],
  ['no registry and no machine is named', traces],
];

// The linter reads the types of other packages from what is built.
if (!(await prepare())) process.exit(1);

let failed = 0;
for (const [name, step] of steps) {
  const startedAt = performance.now();
  const { ok, output } = await step();
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${seconds(performance.now() - startedAt).padStart(7)}  ${name}`);
  if (!ok) console.log(output.trimEnd());
  if (!ok) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
