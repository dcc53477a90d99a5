import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../record/journal.js';
import { RoleName, RoleSettings } from '../roles/role.settings.js';
import { ProcessExit, RoleProcess } from './role.process.js';

/** From when to when a process stood still or was gone; times are `monotonicMs`. */
export interface Absence {
  readonly app: string;
  readonly kind: 'paused' | 'ended';
  readonly fromMs: number;
  readonly toMs: number;
}

const RESTART_MS = 300;
/** The engine hands back what runs within ten seconds. */
const STOP_BOUND_MS = 20_000;

/** Keeps one role alive, as an orchestrator would, and knows when it was not. */
export class RoleKeeper {
  readonly absences: Absence[] = [];
  /** Ends that nobody asked for, after it had been ready. */
  readonly surprises: string[] = [];
  private process: RoleProcess;
  private life = 0;
  private failed = 0;
  private downUntil = 0;
  private expected = false;
  private stopping = false;

  constructor(
    private readonly settings: Omit<RoleSettings, 'life'>,
    private readonly logFile: string,
  ) {
    this.process = this.start();
  }

  get name(): string {
    return this.settings.name;
  }

  get role(): RoleName {
    return this.settings.role;
  }

  /** Starts that failed: on a cluster whose streams have no leader yet, an application gives up and is started anew. */
  get failedStarts(): number {
    return this.failed;
  }

  /** Resolves when it has been ready once. */
  async firstReady(): Promise<void> {
    while (!(await this.process.ready)) await delay(RESTART_MS);
  }

  /** SIGKILL; it comes back after `downMs`. */
  async kill(downMs: number): Promise<void> {
    const { process } = this;
    this.expected = process.running;
    this.downUntil = monotonicMs() + downMs;
    process.signal('SIGKILL');
    await process.exited;
    await delay(downMs);
  }

  async pause(forMs: number): Promise<void> {
    const fromMs = monotonicMs();
    await this.process.pause(forMs);
    this.absences.push({ app: this.name, kind: 'paused', fromMs, toMs: monotonicMs() });
  }

  shiftClock(shiftMs: number): void {
    this.process.say({ kind: 'shift-clock', shiftMs });
  }

  /** Ends it cleanly; resolves to how that went. */
  async stop(): Promise<ProcessExit> {
    this.stopping = true;
    await this.process.ready;
    return this.process.stop(STOP_BOUND_MS);
  }

  /** Ends it now. */
  async end(): Promise<void> {
    this.stopping = true;
    this.process.signal('SIGKILL');
    await this.process.exited;
  }

  private start(): RoleProcess {
    const process = new RoleProcess({ ...this.settings, life: this.life++ }, this.logFile);
    void this.watch(process);
    return process;
  }

  private async watch(process: RoleProcess): Promise<void> {
    const [wasReady, exit] = await Promise.all([process.ready, process.exited]);
    const fromMs = monotonicMs();
    this.absences.push({ app: this.name, kind: 'ended', fromMs, toMs: fromMs });
    if (this.stopping) return;
    // To be ended is the purpose of the fragile one, also by the first event that it takes.
    if (!this.expected && this.settings.role !== 'fragile') {
      if (wasReady) this.surprises.push(`${this.name}: ${ended(exit)}`);
      else this.failed++;
    }
    this.expected = false;
    await delay(Math.max(RESTART_MS, this.downUntil - fromMs));
    if (!this.stopping) this.process = this.start();
  }
}

export const ended = ({ code, signal }: ProcessExit): string =>
  signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
