import { HandlerOptions } from './handling/handler.options.js';
import { OccurrenceHandler } from './handling/occurrence.subscription.js';
import { ScheduledEvent } from './record/event.template.js';
import { TimingOptions } from './schedule.definition.js';
import { ScheduleSpec } from './timing/timing.parser.js';
import { ClassOf } from '@millrace/core';

/** A schedule that stands in the code, as plain data. */
export interface DeclaredSchedule {
  name: string;
  /** As shown in errors: `Reports.nightly`. */
  label: string;
  spec: ScheduleSpec;
  timing: TimingOptions;
  work:
    | { kind: 'handler'; handler: OccurrenceHandler; options: HandlerOptions; defaultGroup: string }
    | { kind: 'event'; target: ClassOf<object>; event: ScheduledEvent<object> };
}
