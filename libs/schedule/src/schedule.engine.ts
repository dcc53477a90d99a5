import { ClassOf, ContextSettings, MillraceConnection, ProvisionMode } from '@millrace/core';
import { BucketDefinition, createBucket, defineBucket, provisionBucket } from '@millrace/storage';
import { occurrenceStream, OccurrenceStreamOptions } from './keeping/occurrence.stream.js';
import { OccurrenceWriter } from './keeping/occurrence.writer.js';
import { ScheduleKeeper } from './keeping/schedule.keeper.js';
import { ScheduleRecord, SCHEDULES_BUCKET } from './record/schedule.record.js';
import { EventTargets } from './record/event.targets.js';
import { Schedules, SchedulesParts } from './schedules.js';

export interface ScheduleEngineOptions extends OccurrenceStreamOptions {
  /** The events that schedules made at run time publish. Default: any. */
  publishes?: readonly ClassOf<object>[];
  /** Default `create`. */
  mode?: ProvisionMode;
  contexts?: Readonly<Record<string, ContextSettings>>;
}

/** The seat of the process that keeps time for all. */
export const TIMEKEEPER_SEAT = 'millrace schedules';
const PURGE_EVERY_MS = 60_000;

/** Schedules over one connection, without Nest. */
export interface ScheduleEngine extends SchedulesParts {
  readonly schedules: Schedules;
  readonly mode: ProvisionMode;
  /** The bucket of schedules. */
  readonly definition: BucketDefinition;
  /** Fires what is due until the signal aborts. */
  readonly keepTime: (signal: AbortSignal) => Promise<void>;
  /** Makes the stream of occurrences, again where it was deleted. */
  readonly ensureStream: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Provisions what schedules need. @throws MillraceError `PROVISION_…` */
export const openSchedules = async (
  connection: MillraceConnection,
  { mode = 'create', contexts = {}, kept, publishes, ...settings }: ScheduleEngineOptions = {},
): Promise<ScheduleEngine> => {
  const definition = defineBucket(SCHEDULES_BUCKET, ScheduleRecord, settings);
  const { readFrom, history } = await provisionBucket(connection, definition, { mode, contexts: {} });
  const stream = occurrenceStream({ ...settings, ...(kept === undefined ? {} : { kept }) });
  const ensureStream = (): Promise<void> => connection.streams.ensure(stream, mode);
  await ensureStream();
  const bucket = createBucket(connection, definition, { readFrom, history, purgeEveryMs: PURGE_EVERY_MS });
  const writer = new OccurrenceWriter(connection);
  const targets = new EventTargets(connection, { mode, contexts, publishes });
  const parts: SchedulesParts = { connection, bucket, writer, targets };
  return {
    ...parts,
    mode,
    definition,
    schedules: new Schedules(parts),
    keepTime: (signal) => new ScheduleKeeper(parts, signal).run(),
    ensureStream,
    close: () => bucket.close(),
  };
};
