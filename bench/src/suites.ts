import { commands } from './commands.suite.js';
import { effects } from './effects.suite.js';
import { events } from './events/events.suite.js';
import { growth } from './growth.suite.js';
import { locks } from './locks.suite.js';
import { memory } from './memory.suite.js';
import { ordered } from './ordered.suite.js';
import { schedule } from './schedule/schedule.suite.js';
import { startup } from './startup.suite.js';
import { storage } from './storage.suite.js';
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
