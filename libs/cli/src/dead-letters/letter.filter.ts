import { Command } from 'commander';
import { DeadLetterFilter } from '@millrace/delivery';
import { Flags } from '../flags.js';
import { momentOf } from '../time.argument.js';

export const addFilterOptions = (command: Command): Command =>
  command
    .option('--context <context>', "those of a context; 'kv' for changes of buckets")
    .option('--event <event>', "those of an event, without its context, as in 'paid'; of a bucket")
    .option('--group <group>', 'those of a group')
    .option('--key <key>', 'those of a key')
    .option('--no-key', 'those without a key')
    .option('--cause <text>', "the cause's code or class, or a part of its message")
    .option('--since <time>', "dead since then: '2026-11-21T08:00:00Z', or how long ago, as in '2h'")
    .option('--until <time>', 'dead before then')
    .option('--limit <count>', 'that many at the most');

/** @throws MillraceError `CONFIG_INVALID` */
export const readFilter = (flags: Flags, now = Date.now()): DeadLetterFilter => {
  const moment = (name: 'since' | 'until'): Date | undefined => {
    const text = flags.text(name);
    return text === undefined ? undefined : momentOf(name, text, now);
  };
  return withoutUndefined({
    context: flags.text('context'),
    event: flags.text('event'),
    group: flags.text('group'),
    key: flags.isRefused('key') ? null : flags.text('key'),
    cause: flags.text('cause'),
    since: moment('since'),
    until: moment('until'),
    limit: flags.count('limit'),
  });
};

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const withoutUndefined = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
