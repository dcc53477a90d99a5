import { LockMode } from './lease.record.js';
import { Resource } from './lease.subjects.js';

/** What somebody wants to hold, and how long to wait for it. */
export interface AcquireRequest {
  readonly resource: Resource;
  readonly mode: LockMode;
  readonly permits: number | undefined;
  readonly ttlMs: number;
  /** `undefined`: answer at once. */
  readonly waitMs: number | undefined;
  readonly autoRenew: boolean;
  /** Gives the acquisition up, with its reason. */
  readonly signal: AbortSignal | undefined;
}
