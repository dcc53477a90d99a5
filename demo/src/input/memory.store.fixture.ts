import { NO_PROGRESS, Progress, ProgressStore } from './progress/progress.store.js';
import { Decision } from './sending/cancellation.sender.js';

/** Keeps progress in memory. */
export class MemoryStore implements ProgressStore {
  progress: Progress = NO_PROGRESS;
  readonly kept = new Map<string, Decision>();
  readonly decisions = {
    get: async (invoice: string): Promise<Decision | undefined> => this.kept.get(invoice),
    set: async (invoice: string, decision: Decision): Promise<void> => void this.kept.set(invoice, decision),
  };

  async load(): Promise<Progress> {
    return this.progress;
  }

  async save(progress: Progress): Promise<void> {
    this.progress = progress;
  }
}
