import { Command } from 'commander';
import { MillraceConnection, openConnection, silentLog } from '@millrace/core';
import { connectionOptions } from './connection/connection.options.js';
import { Environment } from './connection/connection.settings.js';
import { ExitCode } from './exit-code.js';
import { Flags } from './flags.js';
import { Interruption } from './interruption.js';
import { Output, OutputStream } from './output/output.js';

/** The process around the command, so that tests can stand in for it. */
export interface CliPorts {
  out: OutputStream;
  err: OutputStream;
  env: Environment;
  interruption: Interruption;
}

/** What a command works with. */
export interface Session extends Interruption {
  connection: MillraceConnection;
  output: Output;
  flags: Flags;
  env: Environment;
}

/** What a command works with that looks at no running system. */
export type LocalSession = Omit<Session, 'connection'>;

export type LocalTask = (session: LocalSession, operands: readonly string[]) => Promise<ExitCode | undefined>;

/** `undefined` stands for `ExitCode.Done`. */
export type CommandTask = (session: Session, operands: readonly string[]) => Promise<ExitCode | undefined>;

/** What all groups of commands share: output, the connection, and how a command ends. */
export class Cli {
  /** What the process ends with. */
  exitCode: ExitCode = ExitCode.Done;

  constructor(readonly ports: CliPorts) {}

  /** Lets `command` connect, do `task`, and close the connection however it ends. */
  connected(command: Command, task: CommandTask): Command {
    return command.action(async () => {
      const { env, interruption } = this.ports;
      const flags = new Flags(command.optsWithGlobals());
      const connection = await openConnection(connectionOptions(flags, env), silentLog);
      const output = this.output(flags);
      try {
        const operands = command.args;
        this.exitCode =
          (await task({ ...interruption, connection, output, flags, env }, operands)) ?? ExitCode.Done;
      } finally {
        await connection.close();
      }
    });
  }

  /** Lets `command` do `task` without a connection. */
  local(command: Command, task: LocalTask): Command {
    return command.action(async () => {
      const { env, interruption } = this.ports;
      const flags = new Flags(command.optsWithGlobals());
      const session = { ...interruption, output: this.output(flags), flags, env };
      this.exitCode = (await task(session, command.args)) ?? ExitCode.Done;
    });
  }

  output(flags: Flags): Output {
    const { out, err, env } = this.ports;
    return new Output({ out, err, json: flags.isSet('json'), colours: !flags.isRefused('color'), env });
  }
}
