import { Injectable } from '@nestjs/common';

/** How one part of the application fares. */
export interface PartHealth {
  /** As shown: a group's name. */
  readonly name: string;
  /** The kind of part, as in `subscriber`. */
  readonly kind: string;
  /** What it is doing, in the words of its kind. */
  readonly state: string;
  /** Whether it does less than it is there for: no reason to restart it. */
  readonly degraded: boolean;
  /** Since when, milliseconds since the epoch; `undefined` where that is not known. */
  readonly since?: number;
  readonly reason?: string;
}

/** Where the parts of every Millrace module tell how they fare, for the application's health page. */
@Injectable()
export class HealthRegistry {
  private readonly sources = new Set<() => readonly PartHealth[]>();

  /** Asks `source` from now on. Returns how to stop. */
  add(source: () => readonly PartHealth[]): () => void {
    this.sources.add(source);
    return () => this.sources.delete(source);
  }

  /** All parts, as they are now. */
  report(): PartHealth[] {
    return [...this.sources].flatMap((source) => source());
  }
}
