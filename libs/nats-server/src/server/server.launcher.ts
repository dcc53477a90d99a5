import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NatsServerError, NatsServerErrorCode, reasonOf, systemCodeOf } from '../nats-server.error.js';
import { type SupervisedProcess, launchSupervised } from '../process/supervised.process.js';
import type { ServerExit } from './nats-server.js';
import { renderServerConfig } from './server-config.renderer.js';
import { notReady, portTaken, signalFailed, startFailed } from './server.failures.js';
import { LineTail, portInUse, readTail, sizeOf } from './server.log.js';
import type { ServerSettings } from './server.options.js';
import type { ServerPlacement } from './server.placement.js';
import type { ReportedPorts } from './server.ports.js';
import { awaitReady } from './server.readiness.js';

/** One life of a server: the process and the ports it reported. */
export interface Run {
  readonly process: SupervisedProcess;
  readonly exited: Promise<ServerExit>;
  readonly ports: ReportedPorts;
}

/** Brings a server up at its placement, as often as asked. */
export class ServerLauncher {
  private readonly stderr = new LineTail();
  private logStart = 0;
  /** Whether the end of the current process is our own doing. */
  endRequested = false;

  constructor(
    readonly settings: ServerSettings,
    readonly placement: ServerPlacement,
  ) {}

  async launch(): Promise<Run> {
    const { settings, placement } = this;
    const portsFileDir = join(placement.runDir, 'ports');
    const args = await this.prepare(portsFileDir);
    this.stderr.clear();
    this.logStart = placement.logFile === undefined ? 0 : await sizeOf(placement.logFile);
    this.endRequested = false;
    const process = await this.spawn(args);
    const exited = process.exited.then((exit) => ({ ...exit, expected: this.endRequested }));
    const { host, jetstream, readyTimeoutMs: timeoutMs } = settings;
    const readiness = await awaitReady({ process, portsFileDir, host, jetstream, timeoutMs });
    if (readiness.kind === 'ready') return { process, exited, ports: readiness.ports };

    this.endRequested = true;
    if (readiness.kind === 'late') {
      sendSignal(process, 'SIGKILL');
      await exited;
      throw notReady({ waitingFor: readiness.waitingFor, timeoutMs, logTail: await this.logTail() });
    }
    const exit = await exited;
    const logTail = await this.logTail();
    const taken = portInUse(logTail);
    throw taken === undefined ? startFailed(exit, logTail) : portTaken(taken, logTail);
  }

  async logTail(): Promise<readonly string[]> {
    const { logFile } = this.placement;
    const logged = logFile === undefined ? [] : await readTail(logFile, this.logStart);
    return [...logged, ...this.stderr.lines()];
  }

  /** The command line, with the files that it names. */
  private async prepare(portsFileDir: string): Promise<string[]> {
    // A killed server leaves its report behind.
    await rm(portsFileDir, { recursive: true, force: true });
    await mkdir(portsFileDir, { recursive: true });
    const { configFile } = this.settings;
    if (configFile === undefined) return ['--config', await this.writeConfig(portsFileDir)];
    const { logFile } = this.placement;
    const log = logFile === undefined ? [] : ['--log', logFile];
    return ['--config', configFile, '--ports_file_dir', portsFileDir, ...log];
  }

  private async writeConfig(portsFileDir: string): Promise<string> {
    const { settings, placement } = this;
    const file = join(placement.runDir, 'nats-server.conf');
    const { name, port, monitoringPort, storeDir, logFile, cluster } = placement;
    const { host, debug, trace, config: extra } = settings;
    // The text may hold passwords, hence the mode.
    await writeFile(
      file,
      renderServerConfig({
        name,
        host,
        port,
        monitoringPort,
        storeDir,
        logFile,
        portsFileDir,
        debug,
        trace,
        cluster,
        extra,
      }),
      { mode: 0o600 },
    );
    return file;
  }

  private async spawn(args: readonly string[]): Promise<SupervisedProcess> {
    const { binary, supervisor, stopTimeoutMs, keepAlive, onLog, configEnv } = this.settings;
    try {
      return await launchSupervised({
        binary: binary.path,
        args,
        env: configEnv,
        supervisor,
        graceMs: stopTimeoutMs,
        removeWithParent: this.placement.runDir,
        keepAlive,
        onLine: (line) => {
          this.stderr.push(line);
          onLog?.(line);
        },
      });
    } catch (error) {
      throw new NatsServerError({
        code: NatsServerErrorCode.StartFailed,
        problem: `${binary.path} could not be started: ${reasonOf(error)}`,
        logTail: await this.logTail(),
        cause: error,
        remedy: 'Check that the binary and /bin/sh (or, on Windows, Node) may be run.',
      });
    }
  }
}

export function sendSignal(target: SupervisedProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    // It ended by itself in the meantime, which `exited` tells.
    if (systemCodeOf(error) === 'ESRCH') return;
    throw signalFailed(target.pid, signal, error);
  }
}
