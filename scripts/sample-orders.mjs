// `npm run sample-orders`: a made-up file of order lines for `npm start -- --orders`, with the arguments given.
import { prepare } from './lib/build.mjs';
import { runNode } from './lib/command.mjs';
import { inRoot } from './lib/workspace.mjs';

const made =
  (await prepare()) && (await runNode(inRoot('demo/dist/sample/main.js'), process.argv.slice(2))).ok;
process.exitCode = made ? 0 : 1;
