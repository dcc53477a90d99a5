import { isDeepStrictEqual } from 'node:util';
import { MillraceConnection, MillraceError, provisionMissing, ProvisionMode } from '@millrace/core';
import { TypedBucket } from '@millrace/storage';
import { ScheduleRecord } from './record/schedule.record.js';
import { Target } from './record/schedule.target.js';
import { assertAhead, changedRecord, Defined, newRecord } from './schedule.definition.js';
import { scheduleInvalid } from './schedule.errors.js';
import { timingText } from './timing/timing.js';

/** A declared schedule, checked. */
export interface DeclaredRecord extends Defined {
  readonly name: string;
  readonly target: Target;
}

export interface DeclarationSyncParts {
  connection: MillraceConnection;
  bucket: TypedBucket<ScheduleRecord>;
  mode: ProvisionMode;
  /** Which deployment of the application this is; a later one's declarations stand. */
  version: string | undefined;
}

/**
 * Brings the schedules of the server into agreement with those of the code, once, as an application starts. What
 * a later deployment has declared is left alone: while two run side by side, the later one's schedules stand,
 * whichever of their replicas starts last.
 */
export class DeclarationSync {
  constructor(private readonly parts: DeclarationSyncParts) {}

  /** @throws MillraceError `PROVISION_MISSING`; `SCHEDULE_INVALID` for what has passed, or is another application's. */
  async sync(declared: readonly DeclaredRecord[]): Promise<void> {
    for (const schedule of declared) await this.put(schedule);
    await this.removeOthers(new Set(declared.map(({ name }) => name)));
  }

  private async put(declared: DeclaredRecord): Promise<void> {
    const { bucket, connection, mode, version } = this.parts;
    const { name, timing, policy, target } = declared;
    const owner = connection.name;
    if (mode === 'bind') return this.check(declared);
    const now = connection.clock.now();
    await bucket.mutate(
      name,
      (current, entry) => {
        if (!entry) {
          assertAhead(declared, now);
          return current;
        }
        if (current.declared && current.owner !== owner) throw takenBy(current);
        if (this.isLater(current)) return undefined;
        const changed = changedRecord(
          Object.assign(new ScheduleRecord(), current, { owner, declared: true }),
          { timing, policy, target, ...(version === undefined ? {} : { version }) },
          now,
        );
        return isDeepStrictEqual(changed, current) ? undefined : changed;
      },
      { create: () => newRecord({ name, owner, declared: true, timing, policy, target, version }, now) },
    );
  }

  private async check({ name, timing }: DeclaredRecord): Promise<void> {
    const { bucket, connection } = this.parts;
    const entry = await bucket.get(name);
    if (!entry) throw provisionMissing(`The schedule '${name}'`);
    if (timingText(entry.value.timing) !== timingText(timing)) {
      connection.log.warn(
        `The schedule '${name}' is ${timingText(entry.value.timing)}, and ${timingText(timing)} in the code: the first holds`,
      );
    }
  }

  private async removeOthers(names: ReadonlySet<string>): Promise<void> {
    const { bucket, connection, mode } = this.parts;
    for await (const { key, value, revision } of bucket.entries()) {
      if (!value.declared || value.owner !== connection.name || names.has(key) || this.isLater(value))
        continue;
      if (mode === 'bind') {
        connection.log.warn(`The schedule '${key}' stands in the code no longer, and fires still: remove it`);
        continue;
      }
      await bucket.delete(key, { revision });
      connection.log.log(`Removed the schedule '${key}', which stands in the code no longer`);
    }
  }

  private isLater({ owner, declared, version }: ScheduleRecord): boolean {
    const own = this.parts.version;
    if (!declared || owner !== this.parts.connection.name || version === undefined) return false;
    return own === undefined || compareVersions(version, own) > 0;
  }
}

const takenBy = ({ name, owner }: ScheduleRecord): MillraceError =>
  scheduleInvalid(`The schedule '${name}' is declared by '${owner}' too`, 'Rename one of the two');

/** Numbers compare as numbers, so that `1.10` is later than `1.9`. */
const compareVersions = (one: string, other: string): number =>
  one.localeCompare(other, 'en', { numeric: true });
