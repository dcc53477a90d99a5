import { Clock } from '@millrace/core';
import { MARKER_TTL_MS } from './lease.writer.js';

const MAX_NAMES = 4096;
const MAX_IDS = 64;
/** Near its end a marker may have gone already. */
const VALID_MS = 0.8 * MARKER_TTL_MS;

/** A record's id, and the sequence of the marker that stands under it; 0 for none. */
export interface RecordId {
  readonly id: string;
  readonly sequence: number;
}

interface Left<T> {
  readonly what: T;
  readonly until: number;
}

interface LeftAtKey {
  vacancy: Left<number> | undefined;
  ids: Left<RecordId>[];
}

/**
 * What this process knows of the places that it has left: whether it left a resource empty, and which ids it
 * may use again. A name that is taken over and over would otherwise gather a marker for each time, all of
 * which the server goes through at each conditional write.
 */
export class LeftPlaces {
  private readonly byKey = new Map<string, LeftAtKey>();

  constructor(private readonly clock: Clock) {}

  /** What an acquisition should expect as the newest of the resource; 0 where nothing is known of it. */
  takeVacancy(key: string): number {
    const left = this.byKey.get(key);
    const { vacancy } = left ?? {};
    if (!left || !vacancy) return 0;
    left.vacancy = undefined;
    return this.isValid(vacancy) ? vacancy.what : 0;
  }

  addVacancy(key: string, sequence: number): void {
    this.at(key).vacancy = this.left(sequence);
  }

  takeId(key: string): RecordId | undefined {
    for (;;) {
      const newest = this.byKey.get(key)?.ids.pop();
      if (!newest) return undefined;
      if (this.isValid(newest)) return newest.what;
    }
  }

  /** Only for a record that was given up under its own sequence: a late copy of that cannot harm the next. */
  addId(key: string, id: RecordId): void {
    const { ids } = this.at(key);
    if (ids.length < MAX_IDS) ids.push(this.left(id));
  }

  private at(key: string): LeftAtKey {
    const known = this.byKey.get(key) ?? { vacancy: undefined, ids: [] };
    // The one that was used last stands last.
    this.byKey.delete(key);
    this.byKey.set(key, known);
    if (this.byKey.size > MAX_NAMES) {
      for (const oldest of this.byKey.keys()) {
        this.byKey.delete(oldest);
        break;
      }
    }
    return known;
  }

  private left<T>(what: T): Left<T> {
    return { what, until: this.clock.monotonic() + VALID_MS };
  }

  private isValid({ until }: Left<unknown>): boolean {
    return until > this.clock.monotonic();
  }
}
