import { createProgressPrinter } from '@millrace/nats-server';
import { NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_NAMES, AUDIENCE } from '../apps.js';
import { Broker, connectTo, openBroker } from '../broker/broker.js';
import { removeFile, writeJson } from '../files/atomic.file.js';
import { Ledger } from '../ledger/ledger.js';
import { LedgerFeed } from '../ledger/ledger.feed.js';
import { settled } from '../ledger/settlement.js';
import { InputActivity } from '../input/input.activity.js';
import {
  InputDisplay,
  InputDisplayOptions,
  inputBar,
  inputTicker,
  silentInput,
} from '../input/progress/input.display.js';
import { inputLines } from '../input/progress/input.summary.js';
import { DemoOptions } from '../options/demo.options.js';
import { AppFleet } from '../processes/app.fleet.js';
import { countNotifications } from '../report/notification.count.js';
import { createReport, RunReport, summaryLines } from '../report/run.report.js';
import { Paint } from '../timeline/paint.js';
import { Timeline } from '../timeline/timeline.js';
import { ApiClient } from '../traffic/api.client.js';
import { Traffic } from '../traffic/traffic.js';
import { Activity, idle } from './activity.js';
import { Cleanup } from './cleanup.js';
import { headerLines } from './header.lines.js';
import { until } from './until.js';

export interface DemoRunParts {
  readonly options: DemoOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly paint: Paint;
  /** Aborts when the run is to end. */
  readonly stop: AbortSignal;
  readonly startedAt: number;
}

const SETTLE_MS = 30_000;
const QUIET_MS = 700;
const TIMELINE_MS = 100;

/** Everything that runs, once it is ready. */
interface Running {
  readonly broker: Broker;
  readonly nc: NatsConnection;
  readonly fleet: AppFleet;
  readonly ledger: Ledger;
  readonly feed: LedgerFeed;
  readonly timeline: Timeline;
  readonly readyMs: number;
}

/** One run, from the first process to the last. */
export class DemoRun {
  private readonly cleanup = new Cleanup();
  private readonly problems: string[] = [];
  private fleet: AppFleet | undefined;
  private input: InputActivity | undefined;

  constructor(private readonly parts: DemoRunParts) {}

  /** Resolves to what went wrong; nothing, where every published event was handled by everybody it should reach. */
  async run(): Promise<readonly string[]> {
    try {
      const running = await this.start();
      const activity = this.activity(running);
      await this.live(running, activity);
      await this.finish(running, activity);
    } catch (error) {
      this.problems.push(error instanceof Error ? error.message : String(error));
    }
    this.problems.push(...(await this.cleanup.run()));
    return this.problems;
  }

  /** Ends what it started, at once. */
  kill(): void {
    this.fleet?.kill();
    if (this.parts.options.infoFile !== undefined) removeFile(this.parts.options.infoFile);
  }

  private async start(): Promise<Running> {
    const { options, env, stop, startedAt } = this.parts;
    const logDir = mkdtempSync(join(tmpdir(), 'millrace-demo-'));
    this.cleanup.add(() => this.leaveLogs(logDir));
    this.say('Starting NATS and the apps …');
    const broker = await openBroker(env, {
      onProgress: options.quiet ? undefined : createProgressPrinter(process.stderr),
      store: options.store,
    });
    this.cleanup.add(() => broker.stop());
    stop.throwIfAborted();
    const nc = await connectTo(broker.url, env);
    this.cleanup.add(() => nc.close());
    const { ledger, feed, timeline } = await this.keepLedger(nc);
    const fleet = await AppFleet.start({
      natsUrl: broker.url,
      portBase: options.portBase,
      tickInterval: options.tickInterval,
      logDir,
      onLine: (app, line) => options.verbose && this.say(`${app.padEnd(9)} | ${line}`),
    });
    this.fleet = fleet;
    this.cleanup.add(() => fleet.stop(...APP_NAMES));
    await Promise.race([fleet.ready(stop), fleet.failed(), broker.failed()]);
    const running = { broker, nc, fleet, ledger, feed, timeline, readyMs: performance.now() - startedAt };
    // A run that was killed at its end may have left it paused.
    await setTimer(fleet, 'resume');
    // The timeline knows from here on whom to wait for.
    await feed.refresh();
    this.announce(running, logDir);
    return running;
  }

  private async keepLedger(nc: NatsConnection): Promise<Pick<Running, 'ledger' | 'feed' | 'timeline'>> {
    const { options, paint } = this.parts;
    const ledger = new Ledger({ audience: AUDIENCE, keysOf: ['user.registered'] });
    const timeline = new Timeline({
      print: options.quiet || options.ordersFile !== undefined ? () => undefined : this.parts.print,
      paint,
      recordsOf: (event) => ledger.recordsOf(event),
      isComplete: (event) => ledger.isRecorded(event),
      now: Date.now,
    });
    const feed = new LedgerFeed({ nc, ledger, listener: timeline, apps: APP_NAMES });
    const ticker = setInterval(() => timeline.advance(), TIMELINE_MS);
    this.cleanup.add(() => clearInterval(ticker));
    await feed.start();
    this.cleanup.add(() => feed.stop());
    return { ledger, feed, timeline };
  }

  private announce({ broker, fleet, readyMs }: Running, logDir: string): void {
    const { options, paint } = this.parts;
    const { shownUrl: natsUrl, monitoringUrl } = broker;
    for (const line of headerLines({ urls: fleet.urls, natsUrl, monitoringUrl, logDir, readyMs }, paint))
      this.say(line);
    const file = options.infoFile;
    if (file === undefined) return;
    writeJson(file, {
      nats_url: natsUrl,
      ...(monitoringUrl === undefined ? {} : { monitoring_url: monitoringUrl }),
      apis: fleet.urls,
      pid: process.pid,
      app_pids: fleet.pids,
    });
    this.cleanup.add(() => removeFile(file));
  }

  private activity({ nc, ledger, fleet }: Running): Activity {
    const { options } = this.parts;
    const { ordersFile: file, rejectsFile } = options;
    const apis = { user: new ApiClient(fleet.urls.user), order: new ApiClient(fleet.urls.order) };
    if (file === undefined) return options.traffic ? new Traffic(apis) : idle;
    this.input = new InputActivity({
      nc,
      ledger,
      apis,
      file,
      rejectsFile,
      print: (line) => this.say(line),
      createDisplay: (display) => this.display(display),
    });
    return this.input;
  }

  private display(options: InputDisplayOptions): InputDisplay {
    if (this.parts.options.quiet) return silentInput;
    return process.stdout.isTTY ? inputBar(process.stdout, options) : inputTicker(options);
  }

  /** Until all is sent, the time is up or somebody says stop. */
  private async live({ broker, fleet }: Running, activity: Activity): Promise<void> {
    const { options, stop } = this.parts;
    const ending = new AbortController();
    const sending = activity.run(ending.signal);
    this.cleanup.add(async () => {
      ending.abort();
      await sending.catch(() => undefined);
    });
    await Promise.race([sending, until(options.forMs, stop), fleet.failed(), broker.failed()]);
    ending.abort();
    await sending;
  }

  // The timer goes first: while it ticks there is always something left to handle. The scheduler has other work, too.
  private async finish(
    { broker, fleet, ledger, feed, timeline, readyMs }: Running,
    activity: Activity,
  ): Promise<void> {
    this.say('Stopping …');
    await setTimer(fleet, 'pause');
    const refresh = (): Promise<boolean> => feed.refresh();
    const inTime = await settled({ ledger, refresh, boundMs: SETTLE_MS, quietMs: QUIET_MS });
    if (!inTime) this.problems.push(`Not everything was settled within ${SETTLE_MS / 1000} s`);
    const notifications = await countNotifications(
      new ApiClient(fleet.urls.user),
      ledger.keysOf('user.registered'),
    );
    this.problems.push(...(await fleet.stop('order', 'user')));
    // Once more: what the apps stored while they stopped counts as well.
    if (!(await feed.refresh())) this.problems.push('Something was published after everything was settled');
    timeline.advance(true);
    const report = createReport({ readyMs, natsUrl: broker.shownUrl, ledger, notifications });
    this.conclude(report, ledger, activity);
    // On a server that stays, the timer is left as it was found.
    await setTimer(fleet, 'resume');
    this.problems.push(...(await fleet.stop('scheduler')));
  }

  private conclude(report: RunReport, ledger: Ledger, activity: Activity): void {
    const { options, print } = this.parts;
    const verdict = ledger.verdict();
    const orders = this.input?.report;
    for (const line of [...(orders ? inputLines(orders) : []), ...summaryLines(report, verdict)]) print(line);
    if (!verdict.complete)
      this.problems.push('Not every published event was handled by every group it should reach');
    this.problems.push(...activity.problems);
    if (options.reportFile !== undefined)
      writeJson(options.reportFile, orders ? { ...report, orders } : report);
  }

  private leaveLogs(logDir: string): void {
    if (this.problems.length === 0) rmSync(logDir, { recursive: true, force: true });
    else this.problems.push(`The logs of the apps are in ${logDir}`);
  }

  private say(line: string): void {
    if (!this.parts.options.quiet) this.parts.print(line);
  }
}

/** @throws Error where the scheduler does not do so. */
const setTimer = async ({ urls }: AppFleet, action: 'pause' | 'resume'): Promise<void> => {
  const { status, body } = await new ApiClient(urls.scheduler).post(`/timer/${action}`);
  if (status !== 200)
    throw new Error(`POST /timer/${action} was answered ${status}: ${JSON.stringify(body)}`);
};
