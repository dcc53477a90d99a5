// Runs an app's program, and ends with the process that started it: standard input is a pipe from there, which closes
// however that process dies. The app knows nothing of it.
import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';

/** What an orphan has for a clean shutdown; NATS is most likely gone as well. */
const ORPHAN_MS = 3000;

const [main] = process.argv.splice(2, 1);
if (main === undefined) throw new Error('The program to run is missing');
process.argv[1] = main;

const onOrphaned = (): void => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_MS).unref();
  process.kill(process.pid, 'SIGTERM');
};
process.stdin.once('close', onOrphaned).resume();
// Waiting for the end of a parent is no reason to stay.
if (process.stdin instanceof Socket) process.stdin.unref();
// With the parent goes whoever reads the log.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

await import(pathToFileURL(main).href);
