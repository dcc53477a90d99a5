import { configInvalid } from '@millrace/core';
import { ConsumerOptions, ResolvedConsumerOptions, resolveConsumerOptions } from '@millrace/delivery';
import { KeyFilter } from '../bucket/key.filter.js';
import { CHANGE_KINDS, ChangeKind } from './change.js';

/** Changes of one key have no order beyond a `concurrency` of 1. */
export interface OnChangeOptions extends ConsumerOptions {
  /** Which keys. Default: all. */
  key?: KeyFilter;
  /** Which changes. Default: all. */
  kinds?: readonly ChangeKind[];
}

export interface ResolvedChangeOptions extends ResolvedConsumerOptions {
  kinds: ReadonlySet<ChangeKind>;
}

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const resolveChangeOptions = (
  options: OnChangeOptions,
  defaultGroup: string,
): ResolvedChangeOptions => {
  const { kinds = CHANGE_KINDS } = options;
  if (kinds.length === 0 || kinds.some((kind) => !CHANGE_KINDS.includes(kind))) {
    throw configInvalid(`kinds are '${kinds.join(', ')}'`, `Give some of ${CHANGE_KINDS.join(', ')}`);
  }
  return { ...resolveConsumerOptions(options, {}, defaultGroup), kinds: new Set(kinds) };
};
