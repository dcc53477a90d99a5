import { GroupRules } from './record/drill.record.js';
import { RoleName } from './roles/role.settings.js';

/** Streams of a run. */
export const EVENTS = 'EVENTS_chaos';
export const EFFECTS = 'EVENTS_booked';
export const DEAD_LETTERS = 'DEAD_LETTERS';

/** Prefixes of the streams that groups consume: an ordered one has a stream of its own. */
export const CONSUMED = [EVENTS, 'ORDERED_'] as const;

/** The processes of a run, and what each does. */
export const APPS: ReadonlyMap<string, RoleName> = new Map([
  ['publisher-1', 'publisher'],
  ['publisher-2', 'publisher'],
  ['worker-1', 'worker'],
  ['worker-2', 'worker'],
  ['worker-3', 'worker'],
  ['fragile-1', 'fragile'],
]);

/** The groups among them. */
export const GROUPS: readonly GroupRules[] = [
  { group: 'plain', type: 'chaos.placed' },
  { group: 'once', type: 'chaos.placed' },
  { group: 'batched', type: 'chaos.placed' },
  { group: 'ledger', type: 'chaos.placed', commits: true },
  { group: 'ordered', type: 'chaos.placed', commits: true, ordered: true, copied: true },
  { group: 'fragile', type: 'chaos.charged' },
];

/** Of the ordered group: its state, its copies of the events, and who owns which partition. */
const ORDERED = ['KV_ordered', 'ORDERED_chaos=ordered', 'MILLRACE_PARTITIONS'];

/** Everything that a run stores. */
export const STREAMS: readonly string[] = [
  EVENTS,
  EFFECTS,
  DEAD_LETTERS,
  'KV_ledger',
  'MILLRACE_INBOX',
  ...ORDERED,
];

/** Whose leader can be asked to step down: streams, and consumers as `stream/consumer`. */
export const LED: readonly string[] = [
  ...STREAMS,
  ...GROUPS.filter(({ copied = false }) => !copied).map(({ group }) => `${EVENTS}/${group}`),
];
