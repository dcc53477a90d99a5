import { ConflictException, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { errorMessage, LifecycleCoordinator, LifecyclePhase, toError } from '@millrace/core';
import { type Lock, LockService } from '@millrace/locks';
import { type StressRun } from './stress.bucket.js';
import { type Pace } from './stress.pacer.js';
import { StressRunner } from './stress.runner.js';
import { StressStore } from './stress.store.js';
import { StressTally } from './stress.tally.js';

const LOCK = 'stress';
/** How often what has been measured is told, and whether somebody has ended it is looked up. */
const TELL_MS = 1000;
const ID_LENGTH = 8;

interface Current {
  stop: AbortController;
  over: Promise<void>;
}

/** Stress runs: one at a time, whichever replica drives it. */
@Injectable()
export class StressService implements OnModuleInit {
  private readonly log = new Logger('Stress');
  private current: Current | undefined;

  constructor(
    private readonly locks: LockService,
    private readonly runner: StressRunner,
    private readonly runs: StressStore,
    private readonly lifecycle: LifecycleCoordinator,
  ) {}

  onModuleInit(): void {
    // Before the leases: its own lock is still there to be released.
    this.lifecycle.register({ name: 'stress', phase: LifecyclePhase.Consume, stop: () => this.stop() });
  }

  /** Begins a run. @throws ConflictException `STRESS_RUNNING` */
  async start(pace: Pace): Promise<StressRun> {
    const lock = await this.locks.tryAcquire(LOCK);
    if (!lock) throw running();
    const now = new Date().toISOString();
    const { ratePerSecond, seconds } = pace;
    const { counts, stages } = new StressTally({ total: 0, dueAt: () => 0 }).report(false);
    const run: StressRun = {
      id: randomUUID().slice(0, ID_LENGTH),
      state: 'running',
      ratePerSecond,
      seconds,
      startedAt: now,
      updatedAt: now,
      counts,
      stages,
    };
    try {
      await this.runs.create(run);
    } catch (error) {
      await lock.release();
      throw error;
    }
    const stop = new AbortController();
    this.current = { stop, over: this.drive(run, lock, stop) };
    return run;
  }

  get(id: string): Promise<StressRun> {
    return this.runs.get(id);
  }

  /** Ends a run early; whoever drives it hears of it within a second. @throws ConflictException `STRESS_OVER` */
  async abort(id: string): Promise<StressRun> {
    await this.runs.get(id);
    const run = await this.runs.whileRunning(id, { state: 'aborted' });
    if (run.state !== 'aborted') throw over(run);
    return run;
  }

  private async stop(): Promise<void> {
    this.current?.stop.abort(new Error('The application stops'));
    await this.current?.over;
  }

  private async drive(run: StressRun, lock: Lock, stop: AbortController): Promise<void> {
    const signal = AbortSignal.any([stop.signal, lock.signal]);
    let tally: StressTally | undefined;
    const timer = setInterval(() => void this.tell(run.id, tally, stop), TELL_MS).unref();
    try {
      const { id, ratePerSecond, seconds } = run;
      const onStart = (started: StressTally): void => void (tally = started);
      tally = await this.runner.drive({ id, ratePerSecond, seconds, signal, onStart });
      await this.runs.finish(run.id, { ...tally.report(!signal.aborted), ...endOf(signal) });
    } catch (error) {
      this.log.error(errorMessage(error), toError(error).stack);
      await this.fail(run.id, error);
    } finally {
      clearInterval(timer);
      await lock[Symbol.asyncDispose]();
      this.current = undefined;
    }
  }

  private async tell(id: string, tally: StressTally | undefined, stop: AbortController): Promise<void> {
    try {
      const { state } = await this.runs.whileRunning(id, tally?.report(false) ?? {});
      if (state !== 'running') stop.abort(new Error(`Somebody ended it`));
    } catch (error) {
      this.log.debug(`Run ${id} could not be told of: ${errorMessage(error)}`);
    }
  }

  private async fail(id: string, cause: unknown): Promise<void> {
    try {
      await this.runs.finish(id, { state: 'failed', error: errorMessage(cause) });
    } catch (error) {
      this.log.warn(`Run ${id} could not be told of: ${errorMessage(error)}`);
    }
  }
}

const endOf = (signal: AbortSignal): Partial<StressRun> =>
  signal.aborted ? { state: 'aborted', error: errorMessage(signal.reason) } : { state: 'done' };

const running = (): ConflictException =>
  new ConflictException({
    code: 'STRESS_RUNNING',
    message: 'Another run is under way: wait for it, or end it',
  });

const over = ({ id, state }: StressRun): ConflictException =>
  new ConflictException({ code: 'STRESS_OVER', message: `The run is ${state}`, id, state });
