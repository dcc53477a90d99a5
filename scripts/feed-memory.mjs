// `npm run feed-memory`: what the runner of `npm start -- --orders` holds while it feeds a file, with the arguments given.
import { prepare } from './lib/build.mjs';
import { runNode } from './lib/command.mjs';
import { inRoot } from './lib/workspace.mjs';

const measured =
  (await prepare()) && (await runNode(inRoot('demo/dist/memory/main.js'), process.argv.slice(2))).ok;
process.exitCode = measured ? 0 : 1;
