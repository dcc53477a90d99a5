import { Clock } from '@millrace/core';
import { MARKER_TTL_MS } from './lease.writer.js';

const MAX_NAMES = 4096;
/** Near its end a marker may have gone already. */
const VALID_MS = 0.8 * MARKER_TTL_MS;

/** Resources that this process has left empty, with the sequence of the marker that says so. */
export class Vacancies {
  private readonly byKey = new Map<string, { sequence: number; until: number }>();

  constructor(private readonly clock: Clock) {}

  /** What an acquisition should expect; 0 for a resource that nothing is known of. */
  take(key: string): number {
    const known = this.byKey.get(key);
    if (!known) return 0;
    this.byKey.delete(key);
    return known.until > this.clock.monotonic() ? known.sequence : 0;
  }

  add(key: string, sequence: number): void {
    // The oldest stands first.
    this.byKey.delete(key);
    this.byKey.set(key, { sequence, until: this.clock.monotonic() + VALID_MS });
    if (this.byKey.size <= MAX_NAMES) return;
    for (const oldest of this.byKey.keys()) return void this.byKey.delete(oldest);
  }
}
