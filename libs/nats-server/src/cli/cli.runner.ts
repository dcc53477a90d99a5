import { readFile } from 'node:fs/promises';
import { createProgressPrinter } from '../binary/obtain.progress.js';
import { resolveNatsServer } from '../binary/binary.resolver.js';
import { startNatsCluster } from '../cluster/cluster.starter.js';
import { NatsServerError, NatsServerErrorCode, reasonOf } from '../nats-server.error.js';
import type { NatsServer } from '../server/nats-server.js';
import type { SharedServerOptions } from '../server/server.options.js';
import { startNatsServer } from '../server/server.starter.js';
import { type CliCommand, type RunOptions, USAGE, parseCommand } from './cli.options.js';

export interface CliStreams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

interface Running {
  readonly servers: readonly NatsServer[];
  readonly url: string;
  stop(): Promise<void>;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the command line; resolves to the exit code: 0, 1 for a failure, 2 for a usage error. */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  try {
    return await execute(parseCommand(args), streams);
  } catch (error) {
    streams.err.write(
      `millrace-nats: ${error instanceof NatsServerError ? error.message : reasonOf(error)}\n`,
    );
    return error instanceof NatsServerError && error.code === NatsServerErrorCode.OptionInvalid ? 2 : 1;
  }
}

async function execute(command: CliCommand, streams: CliStreams): Promise<number> {
  const { out, err } = streams;
  if (command.kind === 'run') return runServers(command.options, streams);
  if (command.kind === 'usage-error') {
    err.write(`millrace-nats: ${command.problem}\n\n${USAGE}`);
    return 2;
  }
  if (command.kind === 'help') {
    out.write(USAGE);
    return 0;
  }
  const { path, version } = await resolve(command.binary, streams);
  const versions = `millrace-nats ${await packageVersion()}, nats-server ${version}`;
  out.write(`${command.kind === 'version' ? versions : path}\n`);
  return 0;
}

async function runServers(options: RunOptions, streams: CliStreams): Promise<number> {
  const stopRequested = stopRequest();
  const starting = start(options, streams);
  // A signal during a download or a start ends the program at once; servers end with it.
  const first = await Promise.race([starting, stopRequested]);
  if (first === undefined) {
    starting.catch(() => {});
    return 0;
  }
  for (const server of first.servers) {
    streams.out.write(
      `${server.name}: nats-server ${server.version}, ${server.url}, monitoring ${server.monitoringUrl}\n`,
    );
  }
  streams.out.write(`${first.url}\n`);
  const ended = await Promise.race([stopRequested, ...first.servers.map(async (server) => server.exited)]);
  const unexpected = ended && {
    ...ended,
    log: await first.servers.find(({ pid }) => pid === ended.pid)?.logTail(),
  };
  await first.stop();
  if (!unexpected) return 0;
  const how = unexpected.signal ?? `exit code ${unexpected.code}`;
  streams.err.write(`millrace-nats: nats-server ${unexpected.pid} ended by itself (${how})\n`);
  for (const line of unexpected.log ?? []) streams.err.write(`  | ${line}\n`);
  return 1;
}

async function start(options: RunOptions, { err }: CliStreams): Promise<Running> {
  const { port, monitoringPort, host, storeDir, name, configFile, binary, log, debug, clusterSize } = options;
  const shared: SharedServerOptions = {
    host,
    binary,
    debug,
    keepAlive: true,
    config: configFile === undefined ? undefined : await readFile(configFile, 'utf8'),
    onLog: log ? (line) => void err.write(`${line}\n`) : undefined,
    onProgress: createProgressPrinter(err),
  };
  const placed = { ...shared, port, monitoringPort, storeDir, name };
  if (clusterSize !== undefined) return startNatsCluster({ ...placed, size: clusterSize });
  const server = await startNatsServer(placed);
  return { servers: [server], url: server.url, stop: () => server.stop() };
}

function stopRequest(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, () => resolve(undefined));
  });
}

function resolve(binary: string | undefined, { err }: CliStreams) {
  return resolveNatsServer({ binary, onProgress: createProgressPrinter(err) });
}

async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}
