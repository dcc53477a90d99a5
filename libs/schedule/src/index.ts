export { Cron, Every, Once } from './decorators/schedule.decorators.js';
export {
  type EmittingScheduleOptions,
  type HandledScheduleOptions,
} from './decorators/schedule.decorators.js';
export { ScheduleModule } from './schedule.module.js';
export { type ScheduleModuleExtras } from './schedule.module-definition.js';
export { type ScheduleModuleOptions } from './schedule.options.js';
export { Schedules, type ScheduleChanges, type ScheduleDefinition } from './schedules.js';
export { type TimingOptions } from './schedule.definition.js';
export { type ScheduleInfo } from './schedule.info.js';
export { nextOccurrences, type NextOccurrencesOptions } from './timing/next.occurrences.js';
export { type ScheduleSpec } from './timing/timing.parser.js';
export { timingText, type Timing } from './timing/timing.js';
export { type Misfire, type Overlap, type Policy, type PolicyOptions } from './planning/schedule.policy.js';
export { OccurrenceFields, type ScheduledEvent } from './record/event.template.js';
export { type Target } from './record/schedule.target.js';
export { Occurrence } from './handling/occurrence.js';
export { type HandlerOptions } from './handling/handler.options.js';
export { type PastOccurrence } from './handling/history.js';
export { type OutcomeKind } from './handling/outcome.js';
export { openSchedules, type ScheduleEngine, type ScheduleEngineOptions } from './schedule.engine.js';
export { OCCURRENCES } from './keeping/occurrence.stream.js';
