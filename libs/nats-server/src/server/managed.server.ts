import { setTimeout as delay } from 'node:timers/promises';
import { NatsServerError, NatsServerErrorCode } from '../nats-server.error.js';
import { untilStopped } from '../process/stopped.probe.js';
import type { NatsServer, RestartOptions, ServerExit } from './nats-server.js';
import { within } from './promise.deadline.js';
import { SerialQueue } from './serial.queue.js';
import type { ServerSettings } from './server.options.js';
import { type ServerPlacement, removePlacement } from './server.placement.js';
import { notRunning, outlived } from './server.failures.js';
import { type Run, ServerLauncher, sendSignal } from './server.launcher.js';
import { urlOf } from './server.probe.js';

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT'];
const REBIND_TIMEOUT_MS = 5_000;
const REBIND_PAUSE_MS = 100;
const KILL_TIMEOUT_MS = 10_000;

/**
 * Starts a server at its placement; resolves when it is ready. On failure nothing is left behind.
 *
 * @throws NatsServerError NATS_SERVER_START_FAILED, NATS_SERVER_NOT_READY or NATS_SERVER_PORT_IN_USE
 */
export async function startManaged(
  settings: ServerSettings,
  placement: ServerPlacement,
): Promise<NatsServer> {
  try {
    const launcher = new ServerLauncher(settings, placement);
    return new ManagedServer(launcher, await launcher.launch());
  } catch (error) {
    await removePlacement(placement);
    throw error;
  }
}

class ManagedServer implements NatsServer {
  private readonly operations = new SerialQueue();
  private paused = false;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly launcher: ServerLauncher,
    private run: Run,
  ) {}

  get name(): string {
    return this.launcher.placement.name;
  }

  get version(): string {
    return this.launcher.settings.binary.version;
  }

  get storeDir(): string | undefined {
    return this.launcher.placement.storeDir;
  }

  get port(): number {
    return this.run.ports.port;
  }

  get url(): string {
    return urlOf('nats', this.launcher.settings.host, this.port);
  }

  get monitoringUrl(): string | undefined {
    const { monitoringPort } = this.run.ports;
    return monitoringPort === undefined
      ? undefined
      : urlOf('http', this.launcher.settings.host, monitoringPort);
  }

  get pid(): number {
    return this.run.process.pid;
  }

  get running(): boolean {
    return this.run.process.isRunning();
  }

  get exited(): Promise<ServerExit> {
    return this.run.exited;
  }

  restart({ signal = 'SIGTERM' }: RestartOptions = {}): Promise<void> {
    return this.operations.run(async () => {
      if (this.stopping) throw notRunning(this.name);
      await this.end(signal);
      this.run = await this.relaunch();
    });
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.operations.run(async () => {
      this.signal(signal);
      if (!ENDING_SIGNALS.includes(signal)) return;
      const { stopTimeoutMs } = this.launcher.settings;
      if (!(await within(this.exited, stopTimeoutMs))) throw outlived(this.pid, signal, stopTimeoutMs);
    });
  }

  pause(): Promise<void> {
    return this.operations.run(async () => {
      this.signal('SIGSTOP');
      this.paused = true;
      await untilStopped(this.pid);
    });
  }

  resume(): Promise<void> {
    return this.operations.run(async () => {
      this.signal('SIGCONT');
      this.paused = false;
    });
  }

  stop(): Promise<void> {
    this.stopping ??= this.operations.run(async () => {
      await this.end('SIGTERM');
      await removePlacement(this.launcher.placement);
    });
    return this.stopping;
  }

  logTail(): Promise<readonly string[]> {
    return this.launcher.logTail();
  }

  private signal(signal: NodeJS.Signals): void {
    if (!this.running) throw notRunning(this.name);
    if (ENDING_SIGNALS.includes(signal)) this.launcher.endRequested = true;
    sendSignal(this.run.process, signal);
    // A stopped process keeps a SIGTERM pending for ever.
    if (this.paused && signal !== 'SIGSTOP') sendSignal(this.run.process, 'SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    this.signal(signal);
    this.launcher.endRequested = true;
    if (await within(this.exited, this.launcher.settings.stopTimeoutMs)) return;
    if (this.running) this.signal('SIGKILL');
    if (!(await within(this.exited, KILL_TIMEOUT_MS))) throw outlived(this.pid, 'SIGKILL', KILL_TIMEOUT_MS);
  }

  // The port may be held for a moment, by a dying predecessor or by somebody's connection.
  private async relaunch(): Promise<Run> {
    this.paused = false;
    const deadline = Date.now() + REBIND_TIMEOUT_MS;
    for (;;) {
      try {
        return await this.launcher.launch();
      } catch (error) {
        const taken = error instanceof NatsServerError && error.code === NatsServerErrorCode.PortInUse;
        if (!taken || Date.now() >= deadline) throw error;
      }
      await delay(REBIND_PAUSE_MS);
    }
  }
}
