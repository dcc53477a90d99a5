import 'reflect-metadata';
import { ClassOf, Duration } from '@millrace/core';
import { HandlerOptions } from '../handling/handler.options.js';
import { OccurrenceFields } from '../record/event.template.js';
import { assertScheduleName, defineTiming, TimingOptions } from '../schedule.definition.js';
import { ScheduleSpec } from '../timing/timing.parser.js';

const SCHEDULE = Symbol.for('@millrace/schedule:schedule');

interface NamedOptions extends TimingOptions {
  /** Unique among all schedules of the account. Default `<app>.<class>.<method>`. */
  name?: string;
}

/** A schedule that calls its method: `method(occurrence)`. */
export interface HandledScheduleOptions extends NamedOptions, HandlerOptions {
  emit?: undefined;
}

/** A schedule that publishes an event. */
export interface EmittingScheduleOptions<T extends object> extends NamedOptions {
  /**
   * The event's class. The method gives its fields, `method(occurrence)`: once, as the application starts,
   * with the occurrence's fields as they are to be filled in.
   */
  emit: ClassOf<T>;
}

/** What `@Cron`, `@Every` or `@Once` recorded. */
export interface ScheduleMetadata {
  spec: ScheduleSpec;
  options: HandledScheduleOptions | EmittingScheduleOptions<object>;
}

interface ScheduleDecorator<S> {
  (spec: S, options?: HandledScheduleOptions): MethodDecorator;
  <T extends object>(
    spec: S,
    options: EmittingScheduleOptions<T>,
  ): (
    prototype: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<(occurrence: OccurrenceFields) => T>,
  ) => void;
}

const decorator =
  <S>(toSpec: (given: S) => ScheduleSpec): ScheduleDecorator<S> =>
  (given: S, options: HandledScheduleOptions | EmittingScheduleOptions<object> = {}) =>
  (_prototype: object, _property: string | symbol, descriptor: PropertyDescriptor): void => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') throw new TypeError('Schedules decorate methods');
    const spec = toSpec(given);
    if (options.name !== undefined) assertScheduleName(options.name);
    defineTiming(spec, timingOptions(options));
    const metadata: ScheduleMetadata = { spec, options };
    Reflect.defineMetadata(SCHEDULE, metadata, method);
  };

/**
 * Calls the method at each occurrence of a cron expression, in one replica; or, with `emit`, publishes an event.
 *
 * Five fields, or six with seconds first; `L`, `W` and `#` as in croner. Throwing has the occurrence handled
 * again after the retry policy's back-off, and in the end dead-lettered.
 * @throws MillraceError `SCHEDULE_INVALID`, `DURATION_INVALID` while the class is being defined.
 */
export const Cron = decorator<string>((expression) => expression);

/** As {@link Cron}, at every whole multiple of an interval since the epoch: `@Every('5s')`. At least 50 ms. */
export const Every = decorator<Duration>((every) => ({ every }));

/** As {@link Cron}, once. One that has passed is refused, unless the schedule was made while it was to come. */
export const Once = decorator<Date | string>((at) => ({ at }));

/** The part of the options that says when it fires. */
export const timingOptions = ({
  timeZone,
  misfire,
  misfireBound,
  misfireGrace,
  jitter,
  start,
  end,
  maxRuns,
}: TimingOptions): TimingOptions => ({
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(misfire === undefined ? {} : { misfire }),
  ...(misfireBound === undefined ? {} : { misfireBound }),
  ...(misfireGrace === undefined ? {} : { misfireGrace }),
  ...(jitter === undefined ? {} : { jitter }),
  ...(start === undefined ? {} : { start }),
  ...(end === undefined ? {} : { end }),
  ...(maxRuns === undefined ? {} : { maxRuns }),
});

/** What a schedule's decorator recorded on a method; `undefined` for any other. */
export const readScheduleMetadata = (method: object): ScheduleMetadata | undefined =>
  Reflect.getMetadata(SCHEDULE, method) as ScheduleMetadata | undefined;
