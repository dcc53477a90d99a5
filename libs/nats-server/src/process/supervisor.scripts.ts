/**
 * Both scripts run `<command> [args…]`, report its pid as a line on descriptor 3, and read standard input.
 * A line `gone` there means that the parent has seen the server end. End of file means that the parent is
 * gone: the server gets SIGTERM, after the grace SIGKILL, and then the given directory is removed.
 * They exit with the server's status, 128 + n for a signal.
 *
 * Arguments: grace in seconds, directory to remove ('' for none), command, its arguments.
 */

/** For any POSIX `sh`: one small shell process beside the server, asleep in `read`. */
// SIGPIPE is caught, not ignored: an ignored signal would stay ignored in the server.
// The server stays unreaped until `wait`, so its pid cannot come to mean another process before `kill`.
export const SHELL_SUPERVISOR = `
grace=$1 directory=$2
shift 2
trap : PIPE
trap stopping=1 HUP INT TERM
"$@" </dev/null 3>&- &
server=$!
echo "$server" >&3
exec 3>&- >/dev/null 2>&1
line=
[ -n "$stopping" ] || read -r line
if [ "$line" = gone ]; then
  wait "$server"
  exit $?
fi
trap '' HUP INT TERM
kill -TERM "$server"
( sleep "$grace"; kill -KILL "$server" ) &
killer=$!
wait "$server"
status=$?
kill "$killer"
[ -z "$directory" ] || rm -rf -- "$directory"
exit "$status"
`;

/** The same for systems without \`sh\`; costs a Node process. */
export const NODE_SUPERVISOR = `
const { spawn } = require('node:child_process');
const { rmSync, writeSync } = require('node:fs');
const { constants } = require('node:os');
const [grace, directory, command, ...args] = process.argv.slice(1);
let orphaned = false;
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, abandon);
const server = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], windowsHide: true });
server.on('error', (error) => { process.stderr.write(error.message + '\\n'); process.exit(127); });
server.on('exit', (code, signal) => {
  if (orphaned && directory) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.exit(signal ? 128 + constants.signals[signal] : code);
});
process.stdin.on('error', abandon);
process.stdin.on('end', abandon);
process.stdin.resume();
try { writeSync(3, server.pid + '\\n'); } catch { abandon(); }
function abandon() {
  if (orphaned) return;
  orphaned = true;
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), grace * 1000);
}
`;
