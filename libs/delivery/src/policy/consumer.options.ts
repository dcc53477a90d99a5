import { assertGroup, configInvalid, Duration, toMillis } from '@millrace/core';
import { StartFrom } from '../provisioning/consumer.declaration.js';
import { CircuitBreakerOptions, CircuitPolicy, circuitPolicy } from './circuit.policy.js';
import { RateLimitOptions, RatePolicy, ratePolicy } from './rate.policy.js';
import { RetryOptions, RetryPolicy, retryPolicy } from './retry.policy.js';

/** How a group of replicas consumes, whatever it consumes: what every kind of subscriber can be told. */
export interface ConsumerOptions {
  /**
   * The set of replicas that shares this work; becomes the consumer's name. Default
   * `<app>-<class>-<method>`. Its place in the stream belongs to the name: a renamed group begins anew.
   */
  group?: string;
  /** How many messages one replica handles at once. Default 16. */
  concurrency?: number;
  retry?: RetryOptions;
  /**
   * Stops taking messages for a while when too many handlers fail, as they do when what they depend on is down.
   * Each replica judges for itself. Default: none; `false` where the module's defaults have one.
   */
  circuitBreaker?: CircuitBreakerOptions | false;
  /** How many handlers of the group may begin, in all replicas together. Default: as many as there are messages. */
  rateLimit?: RateLimitOptions | false;
  /** How long a handler may take. Default: as long as it likes. */
  timeout?: Duration;
  /**
   * Where a group that is new begins. Default `'beginning'`, so that no message is missed; `'new'` for
   * broadcast.
   */
  from?: StartFrom;
  /** `shared`: one replica of the group handles each message. `broadcast`: every replica does. Default `shared`. */
  mode?: 'shared' | 'broadcast';
  /**
   * How long a replica may be silent before its messages go to another. Extended while handlers run. Default 30 s.
   */
  ackWait?: Duration;
  /** How many messages may be unsettled in all replicas together. Default 5000. */
  maxAckPending?: number;
  /**
   * Handles each message once per group, as long as no crash comes between the handler's effect and its mark;
   * a duplicate is acknowledged without a call for `ttl` (a day, unless said otherwise). Default `false`.
   */
  idempotent?: boolean | { ttl?: Duration };
}

/** What a module gives to all its subscribers. */
export type ConsumerDefaults = Omit<ConsumerOptions, 'group' | 'mode' | 'from'>;

/** Options with every default in place. */
export interface ResolvedConsumerOptions {
  group: string;
  concurrency: number;
  policy: RetryPolicy;
  circuit: CircuitPolicy | undefined;
  rate: RatePolicy | undefined;
  timeoutMs: number | undefined;
  from: StartFrom;
  mode: 'shared' | 'broadcast';
  ackWaitMs: number;
  maxAckPending: number;
  /** For how long a message is known to have been handled; `undefined` where nobody keeps track. */
  inboxTtlMs: number | undefined;
}

const DEFAULTS = { concurrency: 16, ackWait: '30s', maxAckPending: 5000, inboxTtl: '1d' } as const;
const MIN_ACK_WAIT_MS = 100;

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const resolveConsumerOptions = (
  options: ConsumerOptions,
  defaults: ConsumerDefaults,
  defaultGroup: string | undefined,
): ResolvedConsumerOptions => {
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
    circuit: merged.circuitBreaker ? circuitPolicy(merged.circuitBreaker) : undefined,
    rate: merged.rateLimit ? ratePolicy(merged.rateLimit) : undefined,
    timeoutMs: merged.timeout === undefined ? undefined : toMillis(merged.timeout, 'timeout'),
    from: startFrom(options.from ?? (mode === 'broadcast' ? 'new' : 'beginning')),
    mode,
    ackWaitMs,
    maxAckPending: positive(merged.maxAckPending, 'maxAckPending'),
    inboxTtlMs: inboxTtl(options.idempotent ?? (mode === 'broadcast' ? false : merged.idempotent), mode),
  };
};

const inboxTtl = (
  idempotent: ConsumerOptions['idempotent'],
  mode: ResolvedConsumerOptions['mode'],
): number | undefined => {
  if (idempotent === undefined || idempotent === false) return undefined;
  if (mode === 'broadcast') {
    throw configInvalid(
      "idempotent beside mode: 'broadcast'",
      'Leave one of them out: every replica is to handle every message',
    );
  }
  const { ttl = DEFAULTS.inboxTtl } = idempotent === true ? {} : idempotent;
  return toMillis(ttl, 'idempotent.ttl');
};

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
