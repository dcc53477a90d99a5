import { createProgressPrinter } from '@millrace/nats-server';
import { NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { APP_NAMES, AUDIENCE } from '../apps.js';
import { Broker, connectTo, openBroker } from '../broker/broker.js';
import { removeFile, writeJson } from '../files/atomic.file.js';
import { Ledger } from '../ledger/ledger.js';
import { LedgerFeed } from '../ledger/ledger.feed.js';
import { settled } from '../ledger/settlement.js';
import { DemoOptions } from '../options/demo.options.js';
import { AppFleet } from '../processes/app.fleet.js';
import { countNotifications } from '../report/notification.count.js';
import { createReport, RunReport, summaryLines } from '../report/run.report.js';
import { Paint } from '../timeline/paint.js';
import { Timeline } from '../timeline/timeline.js';
import { ApiClient } from '../traffic/api.client.js';
import { Traffic } from '../traffic/traffic.js';
import { Cleanup } from './cleanup.js';
import { headerLines } from './header.lines.js';

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

  constructor(private readonly parts: DemoRunParts) {}

  /** Resolves to what went wrong; nothing, where every published event was handled by everybody it should reach. */
  async run(): Promise<readonly string[]> {
    try {
      const running = await this.start();
      const traffic = await this.live(running);
      await this.finish(running, traffic);
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
    const broker = await openBroker(env, options.quiet ? undefined : createProgressPrinter(process.stderr));
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
    const running = { broker, fleet, ledger, feed, timeline, readyMs: performance.now() - startedAt };
    // The timeline knows from here on whom to wait for.
    await feed.refresh();
    this.announce(running, logDir);
    return running;
  }

  private async keepLedger(nc: NatsConnection): Promise<Pick<Running, 'ledger' | 'feed' | 'timeline'>> {
    const { options, paint } = this.parts;
    const ledger = new Ledger({ audience: AUDIENCE });
    const timeline = new Timeline({
      print: options.quiet ? () => undefined : this.parts.print,
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
    });
    this.cleanup.add(() => removeFile(file));
  }

  /** Until the time is up or somebody says stop. */
  private async live({ broker, fleet }: Running): Promise<Traffic> {
    const { options, stop } = this.parts;
    const { user, order } = fleet.urls;
    const traffic = new Traffic({ user: new ApiClient(user), order: new ApiClient(order) });
    this.cleanup.add(() => traffic.stop());
    if (options.traffic) traffic.start();
    await Promise.race([until(options.forMs, stop), fleet.failed(), broker.failed()]);
    return traffic;
  }

  // The scheduler goes first: while it ticks there is always something left to handle.
  private async finish(
    { broker, fleet, ledger, feed, timeline, readyMs }: Running,
    traffic: Traffic,
  ): Promise<void> {
    this.say('Stopping …');
    await traffic.stop();
    this.problems.push(...(await fleet.stop('scheduler')));
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
    this.conclude(report, ledger, traffic);
  }

  private conclude(report: RunReport, ledger: Ledger, traffic: Traffic): void {
    const { options, print } = this.parts;
    const verdict = ledger.verdict();
    for (const line of summaryLines(report, verdict)) print(line);
    if (!verdict.complete)
      this.problems.push('Not every published event was handled by every group it should reach');
    this.problems.push(...traffic.problems);
    if (options.reportFile !== undefined) writeJson(options.reportFile, report);
  }

  private leaveLogs(logDir: string): void {
    if (this.problems.length === 0) rmSync(logDir, { recursive: true, force: true });
    else this.problems.push(`The logs of the apps are in ${logDir}`);
  }

  private say(line: string): void {
    if (!this.parts.options.quiet) this.parts.print(line);
  }
}

/** Resolves when the time is up, or at the signal. */
const until = async (ms: number | undefined, stop: AbortSignal): Promise<void> => {
  if (stop.aborted) return;
  const stopped = new Promise<void>((resolve) =>
    stop.addEventListener('abort', () => resolve(), { once: true }),
  );
  if (ms === undefined) return stopped;
  const timer = new AbortController();
  await Promise.race([delay(ms, undefined, { signal: timer.signal }).catch(() => undefined), stopped]);
  timer.abort();
};
