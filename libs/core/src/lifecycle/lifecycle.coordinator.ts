import {
  Injectable,
  Logger,
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleDestroy,
} from '@nestjs/common';
import { errorMessage } from '../errors/error-text.js';
import { isExploring } from '../connection/exploration.js';
import { LifecycleParticipant, LifecyclePhase } from './lifecycle.phase.js';

/**
 * Starts and stops the parts of every Millrace module in order, whatever order Nest calls its hooks in.
 * Work stops in `onModuleDestroy`, before Nest closes the HTTP server; connections close in
 * `onApplicationShutdown`, after it, so that a request under way can still publish.
 */
@Injectable()
export class LifecycleCoordinator implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly log = new Logger('Millrace');
  private readonly participants: LifecycleParticipant[] = [];
  private readonly started = new Set<LifecycleParticipant>();
  private running = false;
  private last: LifecyclePhase = isExploring() ? LifecyclePhase.Provision : LifecyclePhase.Consume;

  /** Adds a part. One added while the application runs is started by whoever adds it. */
  register(participant: LifecycleParticipant): void {
    this.participants.push(participant);
    if (this.running || !participant.start) this.started.add(participant);
  }

  /**
   * Has nothing beyond a phase started, as for a process that only provisions: it is never ready. To be called
   * before the application is initialised.
   */
  limitTo(phase: LifecyclePhase): void {
    this.last = phase;
  }

  /** Whether what may be needed later has to be made now: no work is taken afterwards. */
  get onlyProvisions(): boolean {
    return this.last <= LifecyclePhase.Provision;
  }

  /** Whether every part has started, and none has been asked to stop. */
  get isReady(): boolean {
    return this.running;
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const phase of ascendingPhases()) if (phase <= this.last) await this.startUpTo(phase);
    this.running = this.last === LifecyclePhase.Consume;
  }

  async onModuleDestroy(): Promise<void> {
    this.running = false;
    await this.stopWhere((phase) => phase > LifecyclePhase.Connection);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stopWhere(() => true);
  }

  // A start may register further parts, of its own phase or a lower one: they are not left out.
  private async startUpTo(phase: LifecyclePhase): Promise<void> {
    for (;;) {
      const starting = this.participants.filter((part) => part.phase <= phase && !this.started.has(part));
      if (starting.length === 0) return;
      // One failure is reported at once, but only when no start is left running behind it.
      const results = await Promise.allSettled(starting.map((part) => this.startOne(part)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    }
  }

  private async startOne(part: LifecycleParticipant): Promise<void> {
    this.started.add(part);
    await part.start?.();
  }

  private async stopWhere(included: (phase: LifecyclePhase) => boolean): Promise<void> {
    for (const phase of ascendingPhases().reverse().filter(included)) {
      const stopping = [...this.started].filter((part) => part.phase === phase);
      await Promise.all(stopping.map((part) => this.stopOne(part)));
    }
  }

  // A part that fails to stop must not keep the others from stopping.
  private async stopOne(part: LifecycleParticipant): Promise<void> {
    this.started.delete(part);
    try {
      await part.stop?.();
    } catch (error) {
      this.log.error(`${part.name} did not stop cleanly: ${errorMessage(error)}`);
    }
  }
}

const ascendingPhases = (): LifecyclePhase[] => Object.values(LifecyclePhase).sort((a, b) => a - b);
