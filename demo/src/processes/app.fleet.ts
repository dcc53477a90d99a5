import { join } from 'node:path';
import { APP_NAMES, appMain, AppName } from '../apps.js';
import { AppProcess, describeExit } from './app.process.js';
import { freePorts } from './free.ports.js';
import { failure, waitUntilReady } from './readiness.js';

const READY_MS = 30_000;
/** Longer than an app takes to drain (10 s), so that it is killed only when it hangs. */
const STOP_MS = 15_000;

export interface FleetOptions {
  readonly natsUrl: string;
  readonly portBase: number | undefined;
  readonly tickInterval: string;
  readonly logDir: string;
  readonly onLine: (app: string, line: string) => void;
}

/** The apps of a run. */
export class AppFleet {
  private readonly apps = new Map<AppName, AppProcess>();
  private readonly leaving = new Set<AppName>();

  /** Starts all of them at once. */
  static async start(options: FleetOptions): Promise<AppFleet> {
    const { portBase } = options;
    const ports =
      portBase === undefined ? await freePorts(APP_NAMES.length) : APP_NAMES.map((_, at) => portBase + at);
    const fleet = new AppFleet();
    for (const [at, name] of APP_NAMES.entries()) fleet.apps.set(name, launch(name, ports[at] ?? 0, options));
    return fleet;
  }

  get urls(): Record<AppName, string> {
    return { user: this.app('user').url, order: this.app('order').url, scheduler: this.app('scheduler').url };
  }

  get pids(): Partial<Record<AppName, number>> {
    return Object.fromEntries([...this.apps].map(([name, { pid }]) => [name, pid]));
  }

  /** @throws Error with the log of the app that is not ready in time. */
  async ready(aborted: AbortSignal): Promise<void> {
    await Promise.all([...this.apps.values()].map((app) => waitUntilReady(app, READY_MS, aborted)));
  }

  /** Rejects when an app ends that was not asked to. */
  failed(): Promise<never> {
    return Promise.race(
      [...this.apps].map(async ([name, app]): Promise<never> => {
        const exit = await app.exited;
        if (!this.leaving.has(name)) throw new Error(failure(app, `${describeExit(exit)} by itself`));
        return new Promise<never>(() => undefined);
      }),
    );
  }

  /** Stops the apps that still run; gives back what is wrong with how they ended. */
  async stop(...names: readonly AppName[]): Promise<string[]> {
    const stopped = await Promise.all(names.map((name) => this.stopOne(name)));
    return stopped.flat();
  }

  kill(): void {
    for (const [name, app] of this.apps) {
      this.leaving.add(name);
      app.kill();
    }
  }

  private async stopOne(name: AppName): Promise<string[]> {
    const app = this.app(name);
    const ended = !app.running && !this.leaving.has(name);
    this.leaving.add(name);
    const exit = await app.stop(STOP_MS);
    return ended || exit.code === 0 ? [] : [failure(app, `${describeExit(exit)} when it was asked to stop`)];
  }

  private app(name: AppName): AppProcess {
    const app = this.apps.get(name);
    if (!app) throw new Error(`The app '${name}' was not started`);
    return app;
  }
}

const HOST = '127.0.0.1';

const launch = (name: AppName, port: number, options: FleetOptions): AppProcess =>
  new AppProcess({
    name,
    main: appMain(name),
    url: `http://${HOST}:${port}`,
    logFile: join(options.logDir, `${name}.log`),
    onLine: (line) => options.onLine(name, line),
    env: {
      NATS_URL: options.natsUrl,
      HOST,
      PORT: String(port),
      TICK_INTERVAL: options.tickInterval,
      NO_COLOR: '1',
    },
  });
