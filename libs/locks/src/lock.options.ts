import { Duration, ProvisionMode } from '@millrace/core';

/** How long to wait for a lock: a duration, or as long as it takes. */
export type Wait = Duration | 'forever';

export interface TryAcquireOptions {
  /** How long the lock outlives a holder that is gone without a word; at least 1 s. Default 10 s. */
  ttl?: Duration;
  /** Whether the lease is renewed until it is released. Default `true`. */
  autoRenew?: boolean;
  /** Whether work under the lock (see `Lock.run`) may acquire it again. Default `false`. */
  reentrant?: boolean;
}

export interface AcquireOptions extends TryAcquireOptions {
  /** Then `LOCK_TIMEOUT`. Default 30 s. */
  wait?: Wait;
  /** Gives the waiting up, with its reason. */
  signal?: AbortSignal;
}

export interface WithLockOptions extends AcquireOptions {
  /** `shared`: together with other readers. Default `exclusive`. */
  mode?: 'exclusive' | 'shared';
}

export interface LocksModuleOptions {
  /** `create` makes the lease bucket agree with the code; `bind` only checks that it does. Default `create`. */
  provision?: ProvisionMode;
  /** The lease bucket: applications that share locks share it. Default `locks`. */
  bucket?: string;
  /** 1, 3 or 5. Default: as it is, 1 for a new one. */
  replicas?: number;
  /** Default: as it is, `file` for a new one. Leases and tokens of a single replica in memory end with its server. */
  storage?: 'file' | 'memory';
  /** For all acquisitions that do not say otherwise. */
  defaults?: { ttl?: Duration; wait?: Wait };
  /** Whether `lock.*` events are published. Default: where the application has an `EventsModule`. */
  events?: boolean;
  /** How long a leader's work may go on after its signal, at shutdown and at a loss. Default 5 s. */
  leaderGrace?: Duration;
}

/** The defaults of every lock. */
export const LOCK_DEFAULTS = {
  bucket: 'locks',
  ttl: '10s',
  wait: '30s',
  leaderTtl: '5s',
  leaderGrace: '5s',
} as const;
