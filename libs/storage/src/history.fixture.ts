import { MillraceError, PublishError } from '@millrace/core';
import { JetStreamBucket } from './bucket/jetstream.bucket.js';
import { RevisionConflictError } from './bucket/storage.errors.js';
import { isLinearizable, Operation, Recorded } from './linearizability.fixture.js';
import { seededRandom } from './random.fixture.js';
import { Profile, profile } from './storage.fixture.js';

/** What a client of a history works on. */
export type HistoryBucket = Pick<JetStreamBucket<Profile>, 'get' | 'put' | 'create' | 'update' | 'delete'>;

export interface HistoryOptions {
  /** One client each. */
  buckets: readonly HistoryBucket[];
  seed: number;
  stop: AbortSignal;
}

export interface HistoryReport {
  histories: number;
  operations: number;
  /** How many nobody knows the outcome of. */
  unknown: number;
  refused: number;
  violations: readonly (readonly Recorded[])[];
}

/** Per client, on one key. */
const OPERATIONS = 8;
/** What nobody knows may have happened at any time since: too many of those, and the search takes for ever. */
const MAX_UNKNOWN = 3;
const KEYS_AT_ONCE = 4;

type Outcome = 'done' | 'refused' | 'unknown' | 'failed';

const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof RevisionConflictError) return 'refused';
  if (error instanceof PublishError) return error.mayBeStored ? 'unknown' : 'failed';
  if (error instanceof MillraceError) return 'unknown';
  throw error;
};

/** One client's operations on a key. */
class Client {
  private known: { value: string; revision: number } | undefined;
  private count = 0;

  constructor(
    private readonly bucket: HistoryBucket,
    private readonly name: string,
    private readonly random: () => number,
  ) {}

  async act(key: string): Promise<Recorded | undefined> {
    const value = `${this.name}-${this.count++}`;
    const dice = this.random();
    const { known } = this;
    if (dice < 0.4) return this.read(key);
    if (dice < 0.75 && known) {
      const operation: Operation = { kind: 'update', value, expected: known.value };
      return this.record(operation, () => this.bucket.update(key, profile(value), known.revision));
    }
    if (dice < 0.85) return this.record({ kind: 'delete' }, () => this.bucket.delete(key));
    return dice < 0.93
      ? this.record({ kind: 'create', value }, () => this.bucket.create(key, profile(value)))
      : this.record({ kind: 'put', value }, () => this.bucket.put(key, profile(value)));
  }

  private async read(key: string): Promise<Recorded | undefined> {
    const begun = performance.now();
    try {
      const entry = await this.bucket.get(key);
      this.known = entry && { value: entry.value.name, revision: entry.revision };
      const operation: Operation = { kind: 'get', found: entry?.value.name };
      return { operation, begun, ended: performance.now(), refused: false };
    } catch (error) {
      outcomeOf(error);
      // A read that was not answered says nothing.
      return undefined;
    }
  }

  private async record(operation: Operation, write: () => Promise<number>): Promise<Recorded | undefined> {
    const begun = performance.now();
    let outcome: Outcome = 'done';
    try {
      const revision = await write();
      this.known =
        operation.kind === 'delete' || operation.kind === 'get'
          ? undefined
          : { value: operation.value, revision };
    } catch (error) {
      outcome = outcomeOf(error);
      this.known = undefined;
    }
    if (outcome === 'failed') return undefined;
    return {
      operation,
      begun,
      ended: outcome === 'unknown' ? undefined : performance.now(),
      refused: outcome === 'refused',
    };
  }
}

const recordOne = async (key: string, { buckets, seed }: HistoryOptions): Promise<Recorded[]> => {
  const history: Recorded[] = [];
  await Promise.all(
    buckets.map(async (bucket, at) => {
      const client = new Client(bucket, `${at}`, seededRandom(seed + at));
      for (let count = 0; count < OPERATIONS; count++) {
        if (history.filter(({ ended }) => ended === undefined).length >= MAX_UNKNOWN) return;
        const recorded = await client.act(key);
        if (recorded) history.push(recorded);
      }
    }),
  );
  return history;
};

/** Has the clients work on key after key until it is told to stop, and checks what each key has been through. */
export const checkHistories = async (options: HistoryOptions): Promise<HistoryReport> => {
  const { seed, stop } = options;
  const violations: Recorded[][] = [];
  const report = { histories: 0, operations: 0, unknown: 0, refused: 0, violations };
  let next = 0;
  const work = async (): Promise<void> => {
    while (!stop.aborted) {
      const at = next++;
      const history = await recordOne(`key-${at}`, { ...options, seed: seed + 1000 * at });
      report.histories++;
      report.operations += history.length;
      report.unknown += history.filter(({ ended }) => ended === undefined).length;
      report.refused += history.filter(({ refused }) => refused).length;
      if (!isLinearizable(history)) violations.push(history);
    }
  };
  await Promise.all(Array.from({ length: KEYS_AT_ONCE }, work));
  return report;
};
