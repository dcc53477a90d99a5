interface Place {
  place: number;
  storedAt: Date;
}

/** For how many keys to remember how far they have come. */
const LIMIT = 10_000;

/**
 * How far each key has come, of those last seen. In order, so what is at or before that place has been settled:
 * when it is delivered again, only its acknowledgement was lost.
 */
export class SettledPlaces {
  private readonly places = new Map<string, Place>();

  add(key: string, place: number, storedAt: Date): void {
    this.places.delete(key);
    this.places.set(key, { place, storedAt });
    if (this.places.size <= LIMIT) return;
    const [oldest] = this.places.keys();
    if (oldest !== undefined) this.places.delete(oldest);
  }

  /** With the time: a stream made anew counts from 1 again. */
  has(key: string, place: number, storedAt: Date): boolean {
    const last = this.places.get(key);
    return last !== undefined && place <= last.place && storedAt <= last.storedAt;
  }
}
