import { configInvalid } from '@millrace/core';

/**
 * Which keys are wanted: a pattern, or a function that says so of each key. In a pattern, dots separate words;
 * `*` stands for one word, `>` at the end for one or more: `'eu.*'` matches `eu.ann` and not `eu.west.ann`,
 * `'eu.>'` matches both. Every other character stands for itself, and a pattern without `*` or `>` for
 * exactly one key.
 */
export type KeyFilter = string | ((key: string) => boolean);

export interface ResolvedFilter {
  /** The one key that is wanted: the server can look for it. */
  readonly exact: string | undefined;
  readonly matches: (key: string) => boolean;
}

const EVERY: ResolvedFilter = { exact: undefined, matches: () => true };

/** @throws MillraceError `CONFIG_INVALID` for a pattern with `>` anywhere but at its end. */
export const resolveFilter = (filter: KeyFilter | undefined): ResolvedFilter => {
  if (filter === undefined || filter === '>') return EVERY;
  if (typeof filter === 'function') return { exact: undefined, matches: filter };
  const words = filter.split('.');
  if (!words.some((word) => word === '*' || word === '>')) {
    return { exact: filter, matches: (key) => key === filter };
  }
  if (words.indexOf('>') !== -1 && words.indexOf('>') !== words.length - 1) {
    throw configInvalid(`'${filter}' is not a key pattern`, "Use '>' only as its last word, as in 'eu.>'");
  }
  return { exact: undefined, matches: matcherOf(words) };
};

const matcherOf = (words: readonly string[]): ((key: string) => boolean) => {
  const open = words.at(-1) === '>';
  const fixed = open ? words.slice(0, -1) : words;
  return (key) => {
    const given = key.split('.');
    if (open ? given.length <= fixed.length : given.length !== fixed.length) return false;
    return fixed.every((word, at) => word === '*' || word === given[at]);
  };
};
