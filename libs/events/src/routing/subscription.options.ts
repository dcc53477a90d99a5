import { assertGroup, configInvalid, Duration, toMillis } from '@millrace/core';
import { RetryOptions, RetryPolicy, retryPolicy, StartFrom } from '@millrace/delivery';

export interface SubscribeOptions {
  /**
   * The set of replicas that shares this work; becomes the consumer's name. Default
   * `<app>-<class>-<method>`. Its place in the stream belongs to the name: a renamed group begins anew.
   */
  group?: string;
  /** How many events one replica handles at once. Default 16. */
  concurrency?: number;
  retry?: RetryOptions;
  /** How long a handler may take. Default: as long as it likes. */
  timeout?: Duration;
  /**
   * Where a group that is new begins. Default `'beginning'`, so that no event is missed; `'new'` for
   * broadcast.
   */
  from?: StartFrom;
  /** `shared`: one replica of the group handles each event. `broadcast`: every replica does. Default `shared`. */
  mode?: 'shared' | 'broadcast';
  /**
   * How long a replica may be silent before its events go to another. Extended while handlers run. Default 30 s.
   */
  ackWait?: Duration;
  /** How many events may be unsettled in all replicas together. Default 5000. */
  maxAckPending?: number;
}

/** Options with every default in place. */
export interface ResolvedOptions {
  group: string;
  concurrency: number;
  policy: RetryPolicy;
  timeoutMs: number | undefined;
  from: StartFrom;
  mode: 'shared' | 'broadcast';
  ackWaitMs: number;
  maxAckPending: number;
}

/** What a module gives to all its subscribers. */
export type SubscribeDefaults = Omit<SubscribeOptions, 'group' | 'mode' | 'from'>;

const DEFAULTS = { concurrency: 16, ackWait: '30s', maxAckPending: 5000 } as const;
const MIN_ACK_WAIT_MS = 100;

const positive = (value: number, name: string): number => {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw configInvalid(`${name} is ${value}`, 'Give a whole number of at least 1');
};

const startFrom = (from: StartFrom): StartFrom => {
  if (from === 'beginning' || from === 'new') return from;
  if (from instanceof Date && !Number.isNaN(from.getTime())) return from;
  if (typeof from === 'number') return positive(from, 'from');
  throw configInvalid(`from is ${String(from)}`, "Give 'beginning', 'new', a Date or a sequence");
};

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const resolveOptions = (
  options: SubscribeOptions,
  defaults: SubscribeDefaults,
  defaultGroup: string | undefined,
): ResolvedOptions => {
  const merged = { ...DEFAULTS, ...defaults, ...options };
  const mode = options.mode ?? 'shared';
  const group = options.group ?? defaultGroup;
  if (group === undefined) {
    throw configInvalid(
      'A subscription without a group',
      'Give it a group: its place in the stream belongs to the name',
    );
  }
  const ackWaitMs = toMillis(merged.ackWait, 'ackWait');
  if (ackWaitMs < MIN_ACK_WAIT_MS) {
    throw configInvalid(`ackWait is ${ackWaitMs} ms`, `Give at least ${MIN_ACK_WAIT_MS} ms`);
  }
  return {
    group: assertGroup(group),
    concurrency: positive(merged.concurrency, 'concurrency'),
    policy: retryPolicy({ ...defaults.retry, ...options.retry }),
    timeoutMs: merged.timeout === undefined ? undefined : toMillis(merged.timeout, 'timeout'),
    from: startFrom(options.from ?? (mode === 'broadcast' ? 'new' : 'beginning')),
    mode,
    ackWaitMs,
    maxAckPending: positive(merged.maxAckPending, 'maxAckPending'),
  };
};
