import { DeadLetterEntry, HandledRecord, StoredEvent } from '../ledger/ledger.entries.js';
import { Paint } from './paint.js';
import { deadLetterLine, eventLine, lateLine } from './timeline.lines.js';

export interface TimelineOptions {
  readonly print: (line: string) => void;
  readonly paint: Paint;
  /** Who has handled an event so far. */
  readonly recordsOf: (event: StoredEvent) => readonly HandledRecord[];
  /** Whether nobody else will. */
  readonly isComplete: (event: StoredEvent) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long an event waits for those who handle it before its line is printed. */
const HOLD_MS = 400;

/** Prints a line per event, in the order they came, once everybody has handled it or a moment has passed. */
export class Timeline {
  private readonly held: { event: StoredEvent; since: number }[] = [];
  /** By stream: up to which sequence. */
  private readonly printed = new Map<string, number>();

  constructor(private readonly options: TimelineOptions) {}

  onEvent(event: StoredEvent): void {
    this.held.push({ event, since: this.options.now() });
    this.advance();
  }

  onHandled(record: HandledRecord): void {
    const { print, now, paint } = this.options;
    if (record.sequence <= (this.printed.get(record.stream) ?? 0)) print(lateLine(record, now(), paint));
    else this.advance();
  }

  onDeadLetter(letter: DeadLetterEntry): void {
    const { print, now, paint } = this.options;
    print(deadLetterLine(letter, now(), paint));
  }

  /** Prints what has waited long enough; called every now and then, and with `all` at the end. */
  advance(all = false): void {
    const { print, paint, recordsOf, isComplete, now } = this.options;
    for (let first = this.held[0]; first; first = this.held[0]) {
      if (!all && !isComplete(first.event) && now() - first.since < HOLD_MS) return;
      this.held.shift();
      this.printed.set(first.event.stream, first.event.sequence);
      print(eventLine(first.event, recordsOf(first.event), paint));
    }
  }
}
