import { configInvalid, Duration } from '@millrace/core';
import {
  ConsumerDefaults,
  ConsumerOptions,
  ResolvedConsumerOptions,
  resolveConsumerOptions,
} from '@millrace/delivery';

/** What becomes of a key's later events when one of its events has used up its attempts. */
export type OnExhausted = 'skip' | 'park';

/** What a subscriber can be told. */
export interface SubscribeOptions extends ConsumerOptions {
  /**
   * Events of one key are handled one at a time, in stored order, over all replicas; those of different keys
   * beside each other. The default of `ackWait` is then 3 s. Default false.
   */
  ordered?: boolean;
  /**
   * Into how many partitions the keys are divided, 256 at most: no more replicas than that take part. Default 16.
   * It belongs to the group and cannot be changed as other options can.
   */
  partitions?: number;
  /**
   * `skip`: the event goes to the dead letters and the next of its key is handled. `park`: so do the later events
   * of its key, until `DeadLetters.release` lets them go in order. Default `skip`.
   */
  onExhausted?: OnExhausted;
}

/** What a module gives to all its subscribers. */
export type SubscribeDefaults = ConsumerDefaults;

export interface OrderedOptions {
  partitions: number;
  onExhausted: OnExhausted;
}

/** Options with every default in place. */
export interface ResolvedOptions extends ResolvedConsumerOptions {
  /** `undefined` where order is not asked for. */
  ordered: OrderedOptions | undefined;
}

const DEFAULT_PARTITIONS = 16;
const MAX_PARTITIONS = 256;
// What a replica leaves when it is killed comes again after that, and until then its partitions wait.
const ORDERED_ACK_WAIT: Duration = '3s';

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const resolveOptions = (
  options: SubscribeOptions,
  defaults: SubscribeDefaults,
  defaultGroup: string | undefined,
): ResolvedOptions => {
  const ordered = orderedOptions(options);
  const own = ordered ? { ackWait: ORDERED_ACK_WAIT, ...defaults } : defaults;
  return { ...resolveConsumerOptions(options, own, defaultGroup), ordered };
};

const orderedOptions = ({
  ordered = false,
  partitions,
  onExhausted,
  mode,
}: SubscribeOptions): OrderedOptions | undefined => {
  if (!ordered) {
    if (partitions === undefined && onExhausted === undefined) return undefined;
    throw configInvalid('partitions and onExhausted are for order per key', 'Say ordered: true as well');
  }
  if (mode === 'broadcast') {
    throw configInvalid(
      'ordered with mode: broadcast',
      'Every replica of a broadcast gets all events: drop one',
    );
  }
  const count = partitions ?? DEFAULT_PARTITIONS;
  if (!Number.isSafeInteger(count) || count < 1 || count > MAX_PARTITIONS) {
    throw configInvalid(`partitions is ${count}`, `Give a whole number from 1 to ${MAX_PARTITIONS}`);
  }
  return { partitions: count, onExhausted: onExhausted ?? 'skip' };
};
