import { Clock, errorMessage, Log, settlesWithin } from '@millrace/core';
import { judgedSignal } from './lease.signal.js';
import { Lock } from './lock.js';

/** A seat that one process of all takes. */
export interface Candidacy {
  readonly name: string;
  /** Waits until the seat is this process's. */
  readonly acquire: (signal: AbortSignal) => Promise<Lock | undefined>;
  /** Runs while this process leads; `signal` aborts when it does no longer. */
  readonly lead: (signal: AbortSignal, lock: Lock) => unknown;
}

export interface ElectorPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** How long work may go on after its signal has aborted, before the seat is given up. */
  readonly graceMs: number;
}

const RETRY_MS = 1000;

/** Stands for election until it is stopped: leads, and stands again when the seat was lost. */
export class Elector {
  private readonly stopping = new AbortController();
  private seat: Lock | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly candidacy: Candidacy,
    private readonly ports: ElectorPorts,
  ) {}

  get name(): string {
    return this.candidacy.name;
  }

  get isLeader(): boolean {
    return this.seat?.held === true && !this.stopping.signal.aborted;
  }

  start(): void {
    this.running ??= this.stand();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async stand(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        this.seat = await this.candidacy.acquire(this.stopping.signal);
        if (this.seat) await this.hold(this.seat);
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.ports.log.error(`Election '${this.name}': ${errorMessage(error)}`);
        await this.pause();
      } finally {
        this.seat = undefined;
      }
    }
  }

  private async hold(seat: Lock): Promise<void> {
    const { log, graceMs } = this.ports;
    const ended = new AbortController();
    const end = (): void => ended.abort(seat.held ? undefined : seat.signal.reason);
    const signal = judgedSignal(ended, () => void seat.held);
    seat.signal.addEventListener('abort', end, { once: true });
    this.stopping.signal.addEventListener('abort', end, { once: true });
    if (this.stopping.signal.aborted) end();
    let failed = false;
    log.log(`Leading '${this.name}' with token ${seat.token}`);
    const work = (async () => this.candidacy.lead(signal, seat))();
    work.catch((error: unknown) => {
      if (!signal.aborted) log.error(`Leader '${this.name}' failed: ${errorMessage(error)}`);
      failed = true;
      end();
    });
    await aborted(signal);
    this.stopping.signal.removeEventListener('abort', end);
    if (!(await settlesWithin(work, graceMs))) {
      // Giving the seat up would have two leaders at work. It is free when its time has passed.
      log.warn(
        `Leader '${this.name}' went on for ${graceMs} ms after its signal: its seat is left to expire`,
      );
      return seat.abandon();
    }
    await seat[Symbol.asyncDispose]();
    if (failed) await this.pause();
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.ports.clock.after(RETRY_MS, done);
      if (this.stopping.signal.aborted) done();
      else this.stopping.signal.addEventListener('abort', done, { once: true });
    });
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
