// `npm start`: installs and builds what is missing, then becomes the demo. It runs in this very process, so that
// signals, the terminal and the exit code are its own.
import { pathToFileURL } from 'node:url';
import { prepare } from './lib/build.mjs';
import { inRoot } from './lib/workspace.mjs';

if (await prepare()) await import(pathToFileURL(inRoot('demo/dist/main.js')).href);
else process.exitCode = 1;
