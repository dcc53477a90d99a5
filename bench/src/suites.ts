import { commands } from './commands/commands.suite.js';
import { effects } from './effects/effects.suite.js';
import { events } from './events/events.suite.js';
import { growth } from './growth/growth.suite.js';
import { locks } from './locks/locks.suite.js';
import { memory } from './memory/memory.suite.js';
import { ordered } from './ordered/ordered.suite.js';
import { schedule } from './schedule/schedule.suite.js';
import { startup } from './startup.suite.js';
import { storage } from './storage/storage.suite.js';
import { Suite } from './suite.js';

/** All suites, in the order in which they run and are reported. */
export const SUITES: readonly Suite[] = [
  events,
  ordered,
  effects,
  storage,
  locks,
  commands,
  schedule,
  startup,
  memory,
  growth,
];
