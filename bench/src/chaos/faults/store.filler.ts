import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { PlainClient } from '../record/plain.client.js';
import { STORE_BYTES } from '../topology/topology.js';

const STREAM = 'CHAOS_FILLER';
const SUBJECT = 'chaos.filler';
const PIECE = new Uint8Array(1000 * 1024);

/** A stream of ballast, for filling the store up to its limit. */
export const provideFiller = async ({ jsm }: PlainClient, replicas: number): Promise<void> => {
  await jsm.streams.add({
    name: STREAM,
    subjects: [SUBJECT],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
  });
};

/** Publishes ballast until the server takes no more. */
export const fillStore = async ({ js }: PlainClient): Promise<void> => {
  for (let left = Math.ceil((2 * STORE_BYTES) / PIECE.length); left > 0; left--) {
    try {
      await js.publish(SUBJECT, PIECE);
    } catch {
      return;
    }
  }
  throw new Error('The store does not fill up');
};

/** Throws the ballast out again. */
export const emptyStore = async ({ jsm }: PlainClient): Promise<void> => {
  await jsm.streams.purge(STREAM);
};
