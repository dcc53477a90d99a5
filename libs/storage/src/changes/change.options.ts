import { assertGroup, configInvalid, Duration, toMillis } from '@millrace/core';
import { RetryOptions, RetryPolicy, retryPolicy, StartFrom } from '@millrace/delivery';
import { KeyFilter } from '../bucket/key.filter.js';
import { CHANGE_KINDS, ChangeKind } from './change.js';

export interface OnChangeOptions {
  /** Which keys. Default: all. */
  key?: KeyFilter;
  /** Which changes. Default: all. */
  kinds?: readonly ChangeKind[];
  /**
   * The set of replicas that shares this work; becomes the consumer's name. Default `<app>-<class>-<method>`.
   * Its place among the changes belongs to the name: a renamed group begins anew.
   */
  group?: string;
  /** `shared`: one replica of the group handles each change. `broadcast`: every replica does. Default `shared`. */
  mode?: 'shared' | 'broadcast';
  /** Where a group that is new begins. Default `'beginning'`; `'new'` for broadcast. */
  from?: StartFrom;
  retry?: RetryOptions;
  /** How many changes one replica handles at once. Default 16. Changes of one key have no order beyond 1. */
  concurrency?: number;
  /** How long a handler may take. Default: as long as it likes. */
  timeout?: Duration;
  /** How long a replica may be silent before its changes go to another. Default 30 s. */
  ackWait?: Duration;
}

export interface ResolvedChangeOptions {
  group: string;
  kinds: ReadonlySet<ChangeKind>;
  mode: 'shared' | 'broadcast';
  from: StartFrom;
  policy: RetryPolicy;
  concurrency: number;
  timeoutMs: number | undefined;
  ackWaitMs: number;
  maxAckPending: number;
}

const DEFAULTS = { concurrency: 16, ackWait: '30s', maxAckPending: 5000 } as const;
const MIN_ACK_WAIT_MS = 100;

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const resolveChangeOptions = (
  options: OnChangeOptions,
  defaultGroup: string,
): ResolvedChangeOptions => {
  const { concurrency = DEFAULTS.concurrency, kinds = CHANGE_KINDS, mode = 'shared' } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw configInvalid(`concurrency is ${concurrency}`, 'Give a whole number of at least 1');
  }
  if (kinds.length === 0 || kinds.some((kind) => !CHANGE_KINDS.includes(kind))) {
    throw configInvalid(`kinds are '${kinds.join(', ')}'`, `Give some of ${CHANGE_KINDS.join(', ')}`);
  }
  const ackWaitMs = toMillis(options.ackWait ?? DEFAULTS.ackWait, 'ackWait');
  if (ackWaitMs < MIN_ACK_WAIT_MS) {
    throw configInvalid(`ackWait is ${ackWaitMs} ms`, `Give at least ${MIN_ACK_WAIT_MS} ms`);
  }
  return {
    group: assertGroup(options.group ?? defaultGroup),
    kinds: new Set(kinds),
    mode,
    from: options.from ?? (mode === 'broadcast' ? 'new' : 'beginning'),
    policy: retryPolicy(options.retry),
    concurrency,
    timeoutMs: options.timeout === undefined ? undefined : toMillis(options.timeout, 'timeout'),
    ackWaitMs,
    maxAckPending: DEFAULTS.maxAckPending,
  };
};
