import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { headers } from '@nats-io/transport-node';
import { MillraceConnection, openConnection, silentLog } from '@millrace/core';
import { DeadHeader, DeadLetter, DeadLetters, deadLetterStream } from '@millrace/delivery';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { runCli } from './cli.runner.js';

const BIN = fileURLToPath(new URL('../bin/millrace.js', import.meta.url));

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** One run of the built command, as a process. */
export class Run {
  out = '';
  err = '';
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [BIN, ...args], { env: { PATH: process.env['PATH'], ...env } });
    this.child.stdout.on('data', (data: Buffer) => (this.out += data.toString()));
    this.child.stderr.on('data', (data: Buffer) => (this.err += data.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }
}

/** Runs the command inside of this process, from its sources. */
export const runInside = async (args: readonly string[], env: Record<string, string>): Promise<Ended> => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const interruption = {
    signal: new AbortController().signal,
    undisturbed: <T>(task: () => Promise<T>) => task(),
  };
  const code = await runCli(args, { out, err, env, interruption });
  return { code, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
};

/** Waits until `condition` holds. @throws after `timeoutMs`, saying what was awaited. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export interface LetterSetup {
  event?: string;
  group?: string;
  key?: string;
  body?: string;
  code?: string;
  message?: string;
  /** The body lies only in the original's stream. */
  bodyLeft?: boolean;
}

/** A server with dead letters, and the command beside it. */
export class System {
  private stored = 0;

  private constructor(
    readonly server: NatsServer,
    readonly connection: MillraceConnection,
  ) {}

  static async start(config?: Parameters<typeof startNatsServer>[0]): Promise<System> {
    const server = await startNatsServer(config);
    const connection = await openConnection({ name: 'shop', servers: server.url }, silentLog);
    await connection.streams.ensure(deadLetterStream(), 'create');
    await connection.jsm.streams.add({
      name: 'EVENTS_shop',
      subjects: ['events.shop.>'],
      allow_direct: true,
    });
    return new System(server, connection);
  }

  /** Begins a run of the command. */
  run(...args: string[]): Run {
    return new Run(args, { NATS_URL: this.server.url });
  }

  /** Runs the command to its end. */
  millrace(...args: string[]): Promise<Ended> {
    return this.run(...args).ended;
  }

  /** Runs the command inside of this process, which is quicker. */
  inside(...args: string[]): Promise<Ended> {
    return runInside(args, { NATS_URL: this.server.url });
  }

  /** Stores a dead letter as the engine would. */
  async letter(setup: LetterSetup = {}): Promise<string> {
    const { event = 'paid', group = 'receipts', key = 'k', body = '{"amount":1}' } = setup;
    const original = `events.shop.${event}.${key}`;
    const letter = headers();
    letter.set('ce-id', `e-${++this.stored}`);
    letter.set('ce-source', 'shop');
    letter.set('tenant', 'eu');
    letter.set(DeadHeader.CauseName, 'MillraceError');
    letter.set(DeadHeader.CauseCode, setup.code ?? 'HANDLER_TIMEOUT');
    letter.set(DeadHeader.CauseMessage, setup.message ?? 'took too long');
    letter.set(DeadHeader.Group, group);
    letter.set(DeadHeader.Attempts, '5');
    letter.set(DeadHeader.Stream, 'EVENTS_shop');
    letter.set(DeadHeader.Sequence, String(this.stored));
    letter.set(DeadHeader.Subject, original);
    letter.set(DeadHeader.Time, new Date().toISOString());
    if (setup.bodyLeft) letter.set(DeadHeader.BodyLeft, 'true');
    const { seq } = await this.connection.js.publish(`dead.shop.${event}.${group}.${key}`, body, {
      headers: letter,
    });
    return String(seq);
  }

  async letters(): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for await (const letter of new DeadLetters(this.connection).list()) found.push(letter);
    return found;
  }

  /** What has been replayed, oldest first. */
  async replayed(): Promise<{ id: string; body: string; headers: Record<string, string> }[]> {
    const { state } = await this.connection.jsm.streams.info('EVENTS_shop');
    const found = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const stored = await this.connection.jsm.streams.getMessage('EVENTS_shop', { seq });
      if (!stored) continue;
      const names = [...stored.header].map(([name, values]) => [name, values[0] ?? '']);
      const all = Object.fromEntries(names) as Record<string, string>;
      found.push({ id: all['ce-id'] ?? '', body: new TextDecoder().decode(stored.data), headers: all });
    }
    return found;
  }

  async clear(): Promise<void> {
    await this.connection.jsm.streams.purge('EVENTS_shop');
    await this.connection.jsm.streams.purge('DEAD_LETTERS');
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }
}
