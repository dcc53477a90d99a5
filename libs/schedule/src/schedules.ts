import { ClassOf, Duration, ErrorCode, MillraceConnection, MillraceError } from '@millrace/core';
import { TypedBucket } from '@millrace/storage';
import { PastOccurrence, readHistory } from './handling/history.js';
import { readCursor } from './keeping/cursor.js';
import { OccurrenceWriter } from './keeping/occurrence.writer.js';
import { ScheduledEvent } from './record/event.template.js';
import { EventTargets } from './record/event.targets.js';
import { ScheduleRecord } from './record/schedule.record.js';
import {
  assertAhead,
  assertScheduleName,
  changedRecord,
  defineTiming,
  newRecord,
  pausedRecord,
  resumedRecord,
  TimingOptions,
} from './schedule.definition.js';
import { scheduleExists, scheduleUnknown } from './schedule.errors.js';
import { ScheduleInfo, scheduleInfo } from './schedule.info.js';
import { ScheduleSpec } from './timing/timing.parser.js';

/** A schedule whose occurrences become events. */
export interface ScheduleDefinition<T extends object = object> extends TimingOptions {
  /** A cron expression, `{ every }` or `{ at }`. */
  spec: ScheduleSpec;
  /** The event, or what makes one of an occurrence's fields, which must go into it as they are. */
  event: ScheduledEvent<T>;
  /** The event's class, where `event` makes plain fields. */
  type?: ClassOf<T>;
}

/** What is not given stays; times and policies belong together, so that `spec` brings all of them. */
export interface ScheduleChanges<T extends object = object> extends TimingOptions {
  spec?: ScheduleSpec;
  event?: ScheduledEvent<T>;
  type?: ClassOf<T>;
}

export interface SchedulesParts {
  connection: MillraceConnection;
  bucket: TypedBucket<ScheduleRecord>;
  writer: OccurrenceWriter;
  targets: EventTargets;
}

const DEFAULT_HISTORY = 20;
const TRIGGER_ATTEMPTS = 32;

/**
 * Schedules that outlive every process: made, changed and removed at run time, by whichever application.
 * Inject it by its class. Any of its methods throws `STORAGE_UNAVAILABLE` or a PublishError while NATS is away.
 */
export class Schedules {
  constructor(private readonly parts: SchedulesParts) {}

  /**
   * Makes a schedule that publishes an event at each occurrence.
   * @throws MillraceError `SCHEDULE_EXISTS`, `SCHEDULE_INVALID`, `DURATION_INVALID`, `CONTRACT_UNKNOWN`;
   * ContractViolationError `EVENT_INVALID`
   */
  async create<T extends object>(name: string, definition: ScheduleDefinition<T>): Promise<ScheduleInfo> {
    const record = await this.recordOf(name, definition);
    try {
      await this.parts.bucket.create(name, record);
    } catch (error) {
      if (MillraceError.is(error, ErrorCode.RevisionConflict)) throw scheduleExists(name);
      throw error;
    }
    return this.get(name);
  }

  /**
   * Changes a schedule. How far it has come, and whether it is paused, stays.
   * @throws MillraceError `SCHEDULE_UNKNOWN`, and what {@link create} throws.
   */
  async update<T extends object>(name: string, changes: ScheduleChanges<T>): Promise<ScheduleInfo> {
    const { spec, event, type, ...options } = changes;
    const defined = spec === undefined ? undefined : defineTiming(spec, options);
    if (defined) assertAhead(defined, this.now());
    const target = event === undefined ? undefined : await this.parts.targets.targetOf(event, type);
    await this.change(name, (record) =>
      changedRecord(record, { ...defined, ...(target ? { target } : {}) }, this.now()),
    );
    return this.get(name);
  }

  /** {@link create}, or {@link update} where there is one: for code that declares its schedules as it starts. */
  async put<T extends object>(name: string, definition: ScheduleDefinition<T>): Promise<ScheduleInfo> {
    const record = await this.recordOf(name, definition);
    const { timing, policy, target } = record;
    await this.parts.bucket.mutate(
      name,
      (current, entry) => (entry ? changedRecord(current, { timing, policy, target }, this.now()) : current),
      { create: () => record },
    );
    return this.get(name);
  }

  /** {@link put} with a cron expression: `schedules.cron('report', '0 30 9 * * MON-FRI', new ReportDue())`. */
  cron<T extends object>(
    name: string,
    expression: string,
    event: ScheduledEvent<T>,
    options: TimingOptions & { type?: ClassOf<T> } = {},
  ): Promise<ScheduleInfo> {
    return this.put(name, { ...options, spec: expression, event });
  }

  /** {@link put} with an interval. */
  every<T extends object>(
    name: string,
    interval: Duration,
    event: ScheduledEvent<T>,
    options: TimingOptions & { type?: ClassOf<T> } = {},
  ): Promise<ScheduleInfo> {
    return this.put(name, { ...options, spec: { every: interval }, event });
  }

  /** Holds a schedule back: what comes due until it is resumed does not fire. @throws `SCHEDULE_UNKNOWN` */
  async pause(name: string): Promise<ScheduleInfo> {
    await this.change(name, (record) => (record.paused ? undefined : pausedRecord(record)));
    return this.get(name);
  }

  /** Lets it go on, with what comes next. @throws `SCHEDULE_UNKNOWN` */
  async resume(name: string): Promise<ScheduleInfo> {
    await this.change(name, (record) => (record.paused ? resumedRecord(record, this.now()) : undefined));
    return this.get(name);
  }

  /**
   * Fires an occurrence now, beside the plan, also of a paused schedule.
   * @returns the occurrence's id.
   * @throws MillraceError `SCHEDULE_UNKNOWN`; PublishError
   */
  async trigger(name: string): Promise<string> {
    const record = await this.record(name);
    for (let attempt = 1; ; attempt++) {
      const cursor = await readCursor(this.parts.connection, name);
      const outcome = await this.parts.writer.trigger(record, cursor);
      if (outcome.kind === 'stored') return outcome.id;
      if (attempt === TRIGGER_ATTEMPTS) throw overtaken(name);
    }
  }

  /** Removes a schedule; one that is not there is no error. Occurrences that have fired are handled. */
  async remove(name: string): Promise<void> {
    await this.parts.bucket.delete(name);
  }

  /** @throws MillraceError `SCHEDULE_UNKNOWN` */
  async get(name: string): Promise<ScheduleInfo> {
    return this.infoOf(await this.record(name));
  }

  /** All schedules, or those of one application, in the order of their names. */
  async list({ owner }: { owner?: string } = {}): Promise<ScheduleInfo[]> {
    const found: ScheduleInfo[] = [];
    for await (const { value } of this.parts.bucket.entries()) {
      if (owner === undefined || value.owner === owner) found.push(await this.infoOf(value));
    }
    return found.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Its last occurrences, newest first, and what became of them. @throws `SCHEDULE_UNKNOWN` */
  async history(name: string, { last = DEFAULT_HISTORY }: { last?: number } = {}): Promise<PastOccurrence[]> {
    await this.record(name);
    return readHistory(this.parts.connection, name, last);
  }

  private async recordOf<T extends object>(
    name: string,
    { spec, event, type, ...options }: ScheduleDefinition<T>,
  ): Promise<ScheduleRecord> {
    assertScheduleName(name);
    const now = this.now();
    const defined = defineTiming(spec, options);
    assertAhead(defined, now);
    const target = await this.parts.targets.targetOf(event, type);
    const owner = this.parts.connection.name;
    return newRecord({ name, owner, declared: false, target, ...defined }, now);
  }

  private async record(name: string): Promise<ScheduleRecord> {
    const entry = await this.parts.bucket.get(name);
    if (!entry) throw scheduleUnknown(name);
    return entry.value;
  }

  private async change(
    name: string,
    mutation: (record: ScheduleRecord) => ScheduleRecord | undefined,
  ): Promise<void> {
    try {
      await this.parts.bucket.mutate(name, mutation);
    } catch (error) {
      throw MillraceError.is(error, ErrorCode.KeyNotFound) ? scheduleUnknown(name) : error;
    }
  }

  private async infoOf(record: ScheduleRecord): Promise<ScheduleInfo> {
    return scheduleInfo(record, await readCursor(this.parts.connection, record.name), this.now());
  }

  private now(): number {
    return this.parts.connection.clock.now();
  }
}

const overtaken = (name: string): MillraceError =>
  new MillraceError(
    ErrorCode.RevisionConflict,
    `The schedule '${name}' fired each time it was to be triggered`,
    {
      remedy: 'Trigger it again',
      details: { name },
    },
  );
