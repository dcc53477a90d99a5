// `npm run chaos`: the drill of bench/, with the arguments given.
import { prepare } from './lib/build.mjs';
import { runNode } from './lib/command.mjs';
import { inRoot } from './lib/workspace.mjs';

const built = await prepare();
const drilled = built && (await runNode(inRoot('bench/dist/chaos/main.js'), process.argv.slice(2))).ok;
process.exitCode = drilled ? 0 : 1;
