import { Injectable, NotFoundException } from '@nestjs/common';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { StressRun } from './stress.bucket.js';

/** The replica that drives a run tells of it every second; one that is silent for this long is gone. */
const SILENT_MS = 15_000;

/** Runs, which any replica may be asked about. */
@Injectable()
export class StressStore {
  constructor(@InjectBucket(StressRun) private readonly runs: Bucket<StressRun>) {}

  async create(run: StressRun): Promise<void> {
    await this.runs.create(run.id, run);
  }

  /** @throws NotFoundException `STRESS_UNKNOWN` */
  async get(id: string): Promise<StressRun> {
    const entry = await this.runs.get(id);
    if (!entry) throw new NotFoundException({ code: 'STRESS_UNKNOWN', message: 'There is no such run', id });
    const { value: run } = entry;
    const isSilent = run.state === 'running' && Date.now() - Date.parse(run.updatedAt) > SILENT_MS;
    if (!isSilent) return run;
    return Object.assign(run, { state: 'failed', error: 'The replica that drove it is gone' });
  }

  /** Changes a run unless it is over, and says what it is then. */
  async whileRunning(id: string, change: Partial<StressRun>): Promise<StressRun> {
    const updatedAt = new Date().toISOString();
    const { value } = await this.runs.mutate(id, (run) =>
      run.state === 'running' ? Object.assign(run, change, { updatedAt }) : undefined,
    );
    return value ?? this.get(id);
  }

  /** Adds what came of a run, also of one that somebody ended. */
  async finish(id: string, outcome: Partial<StressRun>): Promise<void> {
    const finishedAt = new Date().toISOString();
    await this.runs.mutate(id, (run) => {
      const state = run.state === 'running' ? (outcome.state ?? run.state) : run.state;
      return Object.assign(run, outcome, { state, finishedAt, updatedAt: finishedAt });
    });
  }
}
