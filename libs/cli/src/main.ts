import 'reflect-metadata';
import { runCli } from './cli.runner.js';
import { ExitCode } from './exit-code.js';
import { interruptionOf } from './interruption.js';

const { stdout, stderr, env } = process;

// Whoever reads may have seen enough, as in `millrace dead-letters ls | head`.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? ExitCode.Done : ExitCode.Failed);
});

process.exitCode = await runCli(process.argv.slice(2), {
  out: stdout,
  err: stderr,
  env,
  interruption: interruptionOf(process),
});
