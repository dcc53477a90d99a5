import { nextOccurrences } from './next.occurrences.js';

/**
 * The independent source: the local time of an instant as ICU tells it, instant by instant. It knows nothing of
 * cron, and croner asks it in another way.
 */
class ZoneTable {
  private readonly format: Intl.DateTimeFormat;
  private readonly known = new Map<number, string>();

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  }

  /** As in `2026-03-29 02:30`. */
  localAt(instant: number): string {
    const known = this.known.get(instant) ?? this.tell(instant);
    this.known.set(instant, known);
    return known;
  }

  private tell(instant: number): string {
    const parts = new Map(this.format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
    return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
  }

  /** Where the clocks are changed in a span, to the quarter of an hour. */
  changes(from: number, to: number): number[] {
    const found: number[] = [];
    let before = this.offsetAt(from);
    for (let at = from + DAY_MS; at <= to; at += DAY_MS) {
      const offset = this.offsetAt(at);
      if (offset === before) continue;
      let change = at - DAY_MS;
      while (this.offsetAt(change) === before) change += QUARTER_MS;
      found.push(change);
      before = offset;
    }
    return found;
  }

  private offsetAt(instant: number): number {
    return Date.parse(`${this.localAt(instant).replace(' ', 'T')}:00Z`) - instant;
  }
}

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;
const FROM = Date.UTC(2025, 0, 1);
const TO = Date.UTC(2035, 0, 1);
/** Half an hour of summer time (Lord Howe), none (Kolkata), both hemispheres, changes at midnight (Santiago). */
const ZONES = [
  'Europe/Amsterdam',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Pacific/Auckland',
] as const;

const occurrences = (
  expression: string,
  timeZone: string,
  [from, to]: readonly [number, number],
): number[] => {
  const found: number[] = [];
  let after = new Date(from - 1);
  for (;;) {
    const [next] = nextOccurrences(expression, { count: 1, timeZone, after });
    if (!next || next.getTime() >= to) return found;
    found.push(next.getTime());
    after = next;
  }
};

const quarters = (from: number, to: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / QUARTER_MS) }, (_, at) => from + at * QUARTER_MS);

describe.each(ZONES)('in %s, from 2025 to 2035,', (timeZone) => {
  const table = new ZoneTable(timeZone);
  const changes = table.changes(FROM, TO);

  it('a daily time comes once on every day, at that time where it exists', () => {
    const found = occurrences('0 12 * * *', timeZone, [FROM, TO]);
    const local = found.map((at) => table.localAt(at));
    expect(local.every((text) => text.endsWith(' 12:00'))).toBe(true);
    expect(new Set(local).size).toBe(local.length);
    expect(Math.abs(found.length - (TO - FROM) / DAY_MS)).toBeLessThanOrEqual(1);
  });

  it('a daily time in the hour that is changed comes once a day: the first time, or right after the gap', () => {
    for (const change of changes) {
      const span = [change - DAY_MS, change + DAY_MS] as const;
      for (const minutes of [0, 15, 30, 45]) {
        const hour = Number(table.localAt(change - 1).slice(11, 13));
        for (const tried of [hour, (hour + 1) % 24, (hour + 2) % 24]) {
          const time = `${String(tried).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
          const found = occurrences(`${minutes} ${tried} * * *`, timeZone, span);
          const exact = quarters(...span).filter((at) => table.localAt(at).endsWith(` ${time}`));
          const firstOfEachDay = exact.filter(
            (at, index) => index === 0 || table.localAt(exact[index - 1] ?? 0) !== table.localAt(at),
          );
          const days = new Set(quarters(...span).map((at) => table.localAt(at).slice(0, 10)));
          const missing = found.filter((at) => !exact.includes(at));
          // Those that exist are all there, once each; what is there beside them is right at the end of a gap.
          expect(found.filter((at) => exact.includes(at))).toEqual(firstOfEachDay);
          const changedDay = table.localAt(change).slice(0, 10);
          const exists = exact.some((at) => table.localAt(at).startsWith(changedDay));
          expect(missing).toEqual(exists ? [] : [change]);
          expect(new Set(found.map((at) => table.localAt(at).slice(0, 10))).size).toBe(found.length);
          expect(found.length).toBeLessThanOrEqual(days.size);
        }
      }
    }
  });

  it('an interval comes at each local time that exists, and twice at those that come twice', () => {
    for (const change of changes) {
      const span = [change - 6 * HOUR_MS, change + 6 * HOUR_MS] as const;
      const expected = quarters(...span).filter((at) => /:(00|30)$/.test(table.localAt(at)));
      expect(occurrences('*/30 * * * *', timeZone, span)).toEqual(expected);
    }
  });

  it('has the changes that it is known for', () => {
    const known = timeZone === 'Asia/Kolkata' ? 0 : 20;
    expect(Math.abs(changes.length - known)).toBeLessThanOrEqual(known === 0 ? 0 : 1);
  });
});
