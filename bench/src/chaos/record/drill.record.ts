import { Absence } from '../processes/role.keeper.js';
import { Fault } from '../schedule/fault.js';

/** An event in its stream, which is the truth about what was published, and in which order. */
export interface StoredEvent {
  readonly sequence: number;
  /** As in `chaos.placed`. */
  readonly type: string;
  readonly key: string;
  readonly id: string;
}

/** What a publisher was told. */
export interface Confirmation {
  readonly id: string;
  readonly sequence: number;
  readonly atMs: number;
}

/** One delivery that came to a handler. */
export interface Handling {
  readonly app: string;
  readonly group: string;
  readonly sequence: number;
  readonly attempt: number;
  readonly beganMs: number;
  /** Of a handler that returned. */
  readonly endedMs: number | undefined;
}

export interface DeadLetter {
  readonly group: string;
  readonly sequence: number;
  readonly cause: string;
  /** When it was stored. */
  readonly atMs: number;
}

/** An event that a commit emitted: the effect of another. */
export interface Effect {
  readonly group: string;
  readonly account: string;
  readonly origin: string;
  readonly count: number;
  readonly sequence: number;
}

/** What a committing group has made of an account. */
export interface AccountState {
  readonly group: string;
  readonly account: string;
  readonly count: number;
  readonly digest: number;
}

/** A fault as it came about; times are `monotonicMs`. */
export interface Injected {
  readonly fault: Fault;
  readonly beganMs: number;
  readonly mendedMs: number;
  /** Why it could not be done. */
  readonly failure?: string;
}

/** How a group deals with events. */
export interface GroupRules {
  readonly group: string;
  /** The events it takes. */
  readonly type: string;
  /** Its effect on an account is a commit. */
  readonly commits?: boolean;
  /** It takes the events of a key one at a time, in their order. */
  readonly ordered?: boolean;
  /** The server copies its events to a stream of its own, which takes a while to go on after the loss of a leader. */
  readonly copied?: boolean;
}

/** All that is known of a run from outside of Millrace. */
export interface DrillRecord {
  readonly groups: readonly GroupRules[];
  readonly events: readonly StoredEvent[];
  readonly confirmations: readonly Confirmation[];
  readonly handlings: readonly Handling[];
  readonly deadLetters: readonly DeadLetter[];
  readonly effects: readonly Effect[];
  readonly accounts: readonly AccountState[];
  readonly faults: readonly Injected[];
  /** How often an application gave up while it started. */
  readonly failedStarts: number;
  readonly absences: readonly Absence[];
  /** What went wrong in the drill itself, or ended without having been asked to. */
  readonly surprises: readonly string[];
}
