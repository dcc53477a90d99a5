import { CommanderError } from 'commander';
import { Cli, CliPorts } from './cli.js';
import { ExitCode, exitCodeOf } from './exit-code.js';
import { Flags } from './flags.js';
import { createProgram } from './program.js';

/** Runs one command line, without the name of the program. Never throws: what fails is told on `err`. */
export const runCli = async (args: readonly string[], ports: CliPorts): Promise<ExitCode> => {
  const cli = new Cli(ports);
  const program = createProgram(cli);
  try {
    await program.parseAsync(args, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    // Help was asked for, or the command line is wrong: commander has said so.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Done : ExitCode.Usage;
    cli.output(new Flags(program.opts())).error(error);
    return exitCodeOf(error);
  }
};
