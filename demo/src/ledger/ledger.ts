import { DeadLetterEntry, GroupState, HandledRecord, StoredEvent } from './ledger.entries.js';
import { matchesSubject, takesOneEvent } from './subject.match.js';

/** An event that has not been handled by everybody it should reach, and why. */
export interface OpenEvent {
  readonly event: StoredEvent;
  /** `undefined` where a group is missing altogether. */
  readonly group: string | undefined;
  readonly reason: string;
  /** Waiting changes nothing about it. */
  readonly final: boolean;
}

export interface Verdict {
  readonly published: number;
  /** Events handled by every group that they should reach. */
  readonly handled: number;
  readonly deadLettered: number;
  readonly open: readonly OpenEvent[];
  /** Groups for which the server still holds something. */
  readonly busy: readonly string[];
  /** Groups that handled something, and whose consumer is not on the server any more. */
  readonly gone: readonly string[];
  /** Every published event was handled by every group that it should reach. */
  readonly complete: boolean;
}

export interface LedgerOptions {
  /** The apps that must have a group for a type of event, by type. */
  readonly audience: Readonly<Record<string, readonly string[]>>;
  /** Types whose keys are remembered. */
  readonly keysOf?: readonly string[];
}

const placeOf = ({ stream, sequence }: { stream: string; sequence: number }): string =>
  `${stream}:${sequence}`;

/**
 * Who should handle which event, and who did. It believes what lies on the server, and the records of the apps only
 * where they say that an event was handled.
 *
 * An event should reach every durable group of its stream whose filter matches its subject and which begins at or
 * before it; a replayed dead letter should reach the group it is for. There must be at least one such group of every
 * app that the audience names. A group has handled an event when
 *
 * 1. the server has it settled: the consumer's acknowledgement floor has reached the event's sequence, and
 * 2. it is not among the dead letters of that group, and
 * 3. an audit record says `ack`. A group whose filter takes a whole context acknowledges events it does not want
 *    without a record, so there none is needed; but where there are records, one of them must say `ack`.
 *
 * The whole is complete when that holds of every event, no dead letter was added, and no consumer has anything
 * undelivered or unsettled left, which also covers events that this ledger has not been told of.
 *
 * What has been handled is counted and forgotten, so that a run may be long. A group that appears later, or a dead
 * letter that comes later, is seen all the same: the one by what the server holds for it, the other as such.
 */
export class Ledger {
  /** Those that are not known to be handled, and those just found to be. */
  private readonly events = new Map<string, StoredEvent>();
  private readonly handled = new Set<string>();
  private forgotten = 0;
  private readonly lastRead = new Map<string, number>();
  private readonly counts = new Map<string, number>();
  private readonly keys = new Map<string, string[]>();
  private readonly groups = new Map<string, GroupState>();
  private readonly gone = new Set<string>();
  /** Groups that have handled something that is forgotten. */
  private readonly trusted = new Set<string>();
  private readonly records = new Map<string, HandledRecord[]>();
  private readonly dead = new Map<number, DeadLetterEntry>();

  constructor(private readonly options: LedgerOptions = { audience: {} }) {}

  /** What a stream holds up to this sequence is not of this run. */
  begin(stream: string, after: number): void {
    this.lastRead.set(stream, after);
  }

  /** Events of a stream come in their order; one that is read again is the same. */
  addEvent(event: StoredEvent): void {
    if (this.hasRead(event)) return;
    const { stream, sequence, type, key } = event;
    this.lastRead.set(stream, sequence);
    this.events.set(placeOf(event), event);
    this.counts.set(type, this.countOf(type) + 1);
    if (key !== undefined && this.options.keysOf?.includes(type)) {
      this.keysOfType(type).push(key);
    }
  }

  /** The groups of a stream as they are now. One that was there and is not any more is held against the run. */
  setGroups(stream: string, states: readonly GroupState[]): void {
    for (const [name, known] of this.groups) if (known.stream === stream) this.gone.add(name);
    for (const state of states) {
      const name = `${stream} > ${state.consumer}`;
      this.groups.set(name, state);
      this.gone.delete(name);
    }
  }

  addRecord(record: HandledRecord): void {
    const place = placeOf(record);
    if (this.hasRead(record) && !this.events.has(place)) return;
    this.records.set(place, [...(this.records.get(place) ?? []), record]);
  }

  addDeadLetter(letter: DeadLetterEntry): void {
    this.dead.set(letter.entry, letter);
  }

  /** Forgets what every group has handled, the second time that it is found so: the timeline may still show it. */
  forgetHandled(): void {
    for (const [place, event] of this.events) {
      if (this.judge(event).length > 0) this.handled.delete(place);
      else if (!this.handled.has(place)) this.handled.add(place);
      else this.forget(place, event);
    }
  }

  /** How many events it holds. */
  get size(): number {
    return this.events.size;
  }

  /** The keys of the events of a type that is remembered, in the order they were stored. */
  keysOf(type: string): readonly string[] {
    return this.keys.get(type) ?? [];
  }

  countOf(type: string): number {
    return this.counts.get(type) ?? 0;
  }

  recordsOf(event: StoredEvent): readonly HandledRecord[] {
    return this.records.get(placeOf(event)) ?? [];
  }

  /** Whether every group has left its last record of this event. Those that pass over it never leave any. */
  isRecorded(event: StoredEvent): boolean {
    const records = this.recordsOf(event).filter(({ outcome }) => outcome !== 'retry');
    return this.groupsFor(event).every(([, { group }]) => records.some((record) => record.group === group));
  }

  verdict(): Verdict {
    const open = [...this.events.values()].flatMap((event) => this.judge(event));
    const unhandled = new Set(open.map(({ event }) => event));
    const busy = [...this.groups]
      .filter(([name, { pending, ackPending }]) => !this.gone.has(name) && pending + ackPending > 0)
      .map(([name]) => name);
    const gone = [...this.gone].filter((name) => this.trusted.has(name));
    const published = this.forgotten + this.events.size;
    return {
      published,
      handled: published - unhandled.size,
      deadLettered: this.dead.size,
      open,
      busy,
      gone,
      complete: open.length + busy.length + gone.length + this.dead.size === 0,
    };
  }

  private keysOfType(type: string): string[] {
    const keys = this.keys.get(type) ?? [];
    this.keys.set(type, keys);
    return keys;
  }

  private hasRead({ stream, sequence }: { stream: string; sequence: number }): boolean {
    return sequence <= (this.lastRead.get(stream) ?? 0);
  }

  private forget(place: string, event: StoredEvent): void {
    for (const [name] of this.groupsFor(event)) this.trusted.add(name);
    this.events.delete(place);
    this.records.delete(place);
    this.handled.delete(place);
    this.forgotten++;
  }

  private judge(event: StoredEvent): OpenEvent[] {
    const groups = this.groupsFor(event);
    const audience = event.onlyFor === undefined ? (this.options.audience[event.type] ?? []) : [];
    const unheard = audience
      .filter((app) => !groups.some(([, group]) => group.app === app))
      .map((app) => ({ event, group: undefined, reason: `no group of '${app}' takes it`, final: false }));
    const failed = groups.flatMap(([name, state]) => {
      const reason = this.whyOpen(event, name, state);
      return reason === undefined ? [] : [{ event, group: state.group, ...reason }];
    });
    return [...unheard, ...failed];
  }

  private groupsFor(event: StoredEvent): [name: string, state: GroupState][] {
    return [...this.groups].filter(
      ([, { stream, filter, start, group }]) =>
        stream === event.stream &&
        matchesSubject(filter, event.subject) &&
        begins(start, event) &&
        (event.onlyFor === undefined || event.onlyFor === group),
    );
  }

  private whyOpen(event: StoredEvent, name: string, state: GroupState): Why | undefined {
    const letter = [...this.dead.values()].find(
      ({ group, stream, sequence }) =>
        group === state.group && stream === event.stream && sequence === event.sequence,
    );
    if (letter) return { reason: `dead-lettered: ${letter.cause}`, final: true };
    if (this.gone.has(name)) return waiting('its consumer is gone from the server');
    if (state.ackFloor < event.sequence) return waiting('not settled on the server');
    const records = this.recordsOf(event).filter(({ group }) => group === state.group);
    if (records.some(({ outcome }) => outcome === 'ack')) return undefined;
    if (records.length > 0) return waiting('settled, but every record tells of a failure');
    return takesOneEvent(state.filter)
      ? waiting('settled, but no record says that it was handled')
      : undefined;
  }
}

type Why = Pick<OpenEvent, 'reason' | 'final'>;

const waiting = (reason: string): Why => ({ reason, final: false });

const begins = (start: GroupState['start'], { sequence, storedAt }: StoredEvent): boolean => {
  if (start.kind === 'sequence') return sequence >= start.sequence;
  return start.kind === 'beginning' || storedAt >= start.at;
};
