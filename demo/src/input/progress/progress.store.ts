import { KV, Kvm } from '@nats-io/kv';
import { NatsConnection } from '@nats-io/transport-node';
import { Decision, Decisions } from '../sending/cancellation.sender.js';

/** How far a file has been fed, and what cannot be told from the file alone. */
export interface Progress {
  /** Everything up to this row is done. */
  readonly row: number;
  readonly cancelledOrders: number;
  readonly cancellations: number;
  /** Cancellations that matched nothing, by reason. */
  readonly unmatched: Readonly<Record<string, number>>;
  /** The whole file is done. */
  readonly finished: boolean;
}

export const NO_PROGRESS: Progress = {
  row: 0,
  cancelledOrders: 0,
  cancellations: 0,
  unmatched: {},
  finished: false,
};

/** Where progress is kept. */
export interface ProgressStore {
  load(): Promise<Progress>;
  save(progress: Progress): Promise<void>;
  readonly decisions: Decisions;
}

const BUCKET = 'demo-input';

/**
 * Keeps progress in NATS, beside the orders that it tells of: whoever throws the one away has thrown away the other,
 * and a file is never taken for fed on a server that has nothing of it.
 */
export const openProgressStore = async (nc: NatsConnection, fileId: string): Promise<ProgressStore> => {
  const bucket = await new Kvm(nc).create(BUCKET, { history: 1 });
  const progressKey = `file.${fileId}`;
  return {
    load: async () => (await read<Progress>(bucket, progressKey)) ?? NO_PROGRESS,
    save: (progress) => write(bucket, progressKey, progress),
    decisions: {
      // By their own number: a file that has grown is another file, but its cancellations are the same.
      get: (invoice) => read<Decision>(bucket, `cancellation.${invoice}`),
      set: (invoice, decision) => write(bucket, `cancellation.${invoice}`, decision),
    },
  };
};

const read = async <T>(bucket: KV, key: string): Promise<T | undefined> => (await bucket.get(key))?.json<T>();

const write = async (bucket: KV, key: string, value: unknown): Promise<void> => {
  await bucket.put(key, JSON.stringify(value));
};
