// `npm run bench`: the benchmarks and drills of bench/, with the arguments given.
import { existsSync } from 'node:fs';
import { prepare } from './lib/build.mjs';
import { runNode, say } from './lib/command.mjs';
import { inRoot } from './lib/workspace.mjs';

const main = inRoot('bench/dist/main.js');

if (!(await prepare())) process.exitCode = 1;
else if (!existsSync(main)) {
  say('There are no benchmarks yet: bench/src/main.ts is missing');
  process.exitCode = 1;
} else process.exitCode = (await runNode(main, process.argv.slice(2))).ok ? 0 : 1;
