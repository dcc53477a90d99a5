import { KeyState } from './commit.planner.js';
import { Committed, Committer } from './committer.js';
import { Entry } from './entry.js';
import { Fence } from './fence.js';

/** What a commit decided about a key. */
export interface CommitDecision<T extends object> {
  /** The new value; `null` deletes the key; `undefined` leaves it as it is. */
  readonly state?: T | null | undefined;
  /** Instances of the event classes that the bucket declares. */
  readonly events?: readonly object[] | undefined;
}

export interface CommitResult<T extends object> {
  /** What the key has now; `undefined` for no value. */
  readonly value: T | undefined;
  /** Its revision; of a key without a value, that of its deletion, or 0. */
  readonly revision: number;
  /** The ids (`ce-id`) of the events, in order. */
  readonly eventIds: readonly string[];
  /**
   * The message being handled had made this commit before: nothing was written. `revision` and `eventIds` are
   * those of the first time; `value` is what the key has now, which others may have changed since.
   */
  readonly duplicate: boolean;
}

/**
 * Computes a commit from what the key has now. It runs again when another writer came first, so it must do
 * nothing but compute; what it throws ends the commit with nothing written.
 */
export type Decide<T extends object> = (
  current: Entry<T> | undefined,
) => CommitDecision<T> | Promise<CommitDecision<T>>;

/** What a commit decided about several keys. */
export interface CommitAllDecision<T extends object> {
  /** New values by key, as a `Map` or as `Object.entries`; `null` deletes. Keys left out stay as they are. */
  readonly states?: Iterable<readonly [key: string, state: T | null]> | undefined;
  /** Instances of the event classes that the bucket declares. */
  readonly events?: readonly object[] | undefined;
}

export interface CommitAllResult<T extends object> {
  /** What each key has now. */
  readonly states: ReadonlyMap<string, KeyState<T>>;
  /** The ids (`ce-id`) of the events, in order. */
  readonly eventIds: readonly string[];
  /** As in {@link CommitResult}. */
  readonly duplicate: boolean;
}

/** As {@link Decide}, of several keys; `current` has the entries of those that have a value. */
export type DecideAll<T extends object> = (
  current: ReadonlyMap<string, Entry<T>>,
) => CommitAllDecision<T> | Promise<CommitAllDecision<T>>;

export interface CommitOptions {
  /** Refuses the commit where a key has seen a newer token of this name. */
  readonly fence?: Fence | undefined;
}

/** The commit of one key. */
export const commitOne = async <T extends object>(
  committer: Committer<T>,
  key: string,
  { decide, fence }: { decide: Decide<T> } & CommitOptions,
): Promise<CommitResult<T>> => {
  const { states, eventIds, duplicate } = await committer.commit({
    keys: [key],
    decide: async ([current]) => {
      const { state, events = [] } = await decide(current);
      return { states: new Map(state === undefined ? [] : [[key, state]]), events };
    },
    fence,
  });
  const { value, revision } = states.get(key) ?? { value: undefined, revision: 0 };
  return { value, revision, eventIds, duplicate };
};

/** The commit of several keys. */
export const commitSeveral = <T extends object>(
  committer: Committer<T>,
  keys: Iterable<string>,
  { decide, fence }: { decide: DecideAll<T> } & CommitOptions,
): Promise<Committed<T>> => {
  const sorted = [...new Set(keys)].sort();
  return committer.commit({
    keys: sorted,
    decide: async (current) => {
      const entries = new Map<string, Entry<T>>();
      for (const entry of current) if (entry) entries.set(entry.key, entry);
      const { states = [], events = [] } = await decide(entries);
      return { states: new Map(states), events };
    },
    fence,
  });
};
