import { HandledRecord, StoredEvent } from '../ledger/ledger.entries.js';
import { ansi, paintFor, plain } from './paint.js';
import { Timeline } from './timeline.js';
import { clockTime, deadLetterLine, eventLine, lateLine } from './timeline.lines.js';

const AT = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

const event = (sequence: number, changes: Partial<StoredEvent> = {}): StoredEvent => ({
  stream: 'EVENTS_order',
  sequence,
  subject: 'events.order.created.o1',
  type: 'order.created',
  key: `o${sequence}`,
  id: 'id',
  source: 'order',
  storedAt: AT,
  onlyFor: undefined,
  ...changes,
});

const record = (sequence: number, changes: Partial<HandledRecord> = {}): HandledRecord => ({
  app: 'user',
  group: 'receipts',
  type: 'order.created',
  key: `o${sequence}`,
  stream: 'EVENTS_order',
  sequence,
  attempt: 1,
  outcome: 'ack',
  ms: 3.21,
  cause: undefined,
  ...changes,
});

describe('a line of the timeline', () => {
  it('says when, what, which, who published, who handled it and how long', () => {
    const records = [record(1, { group: 'stats', ms: 41.7, attempt: 2 }), record(1)];
    expect(eventLine(event(1), records, plain)).toBe(
      '03:04:05.006  order.created              o1                    order      → receipts 3.2 ms, stats 42 ms at attempt 2',
    );
  });

  it.each([
    ['customer-17850', 'customer-17850'],
    ['invoice-536365-2-abc', 'invoice-536365-2-abc'],
    ['payment-timeout-6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'payment-tim…4fc964ff'],
    ['order-reminder-6f9619ff-8b86-4d01-b42d-00cf4fc964fe', 'order-remin…4fc964fe'],
  ])('of the key %s shows %s', (key, shown) => {
    expect(eventLine(event(1, { key }), [], plain)).toContain(`  ${shown.padEnd(20)}  order`);
  });

  it('says so where there is no key and nobody handled it', () => {
    expect(eventLine(event(1, { key: undefined }), [], plain)).toMatch(/ {2}- {2}.*nobody yet$/);
  });

  it('tells of one who handled an event late, and of failures', () => {
    const late = record(1, { outcome: 'retry', cause: 'not now' });
    expect(lateLine(late, AT, plain)).toMatch(
      /^03:04:05\.006 {2}order\.created .*↳ receipts 3\.2 ms \(retry\): not now$/,
    );
  });

  it('tells of a dead letter, in red', () => {
    const letter = {
      entry: 1,
      stream: 'EVENTS_order',
      sequence: 1,
      subject: 'events.order.created.o1',
      group: 'receipts',
      attempts: 5,
      cause: 'boom',
    };
    expect(deadLetterLine(letter, AT, plain)).toContain('✗ dead letter of receipts after 5 attempt(s): boom');
    expect(deadLetterLine(letter, AT, ansi)).toContain('\u001b[31m');
  });

  it('pads the time', () => {
    expect(clockTime(AT)).toBe('03:04:05.006');
  });
});

describe('colours', () => {
  it('are for terminals whose user wants them', () => {
    expect(paintFor({ isTTY: true }, {})).toBe(ansi);
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })).toBe(plain);
    expect(paintFor({ isTTY: false }, {})).toBe(plain);
    expect(paintFor({}, {})).toBe(plain);
  });
});

describe('the timeline', () => {
  const start = () => {
    const lines: string[] = [];
    const records: HandledRecord[] = [];
    let now = AT;
    const recordsOf = ({ sequence }: StoredEvent) => records.filter((each) => each.sequence === sequence);
    const timeline = new Timeline({
      print: (line) => lines.push(line),
      paint: plain,
      recordsOf,
      isComplete: (each) => recordsOf(each).length > 0,
      now: () => now,
    });
    const handle = (each: HandledRecord) => {
      records.push(each);
      timeline.onHandled(each);
    };
    const pass = (ms: number) => {
      now += ms;
      timeline.advance();
    };
    return { timeline, lines, handle, pass };
  };

  it('holds an event until it is handled', () => {
    const { timeline, lines, handle } = start();
    timeline.onEvent(event(1));
    expect(lines).toEqual([]);
    handle(record(1));
    expect(lines).toEqual([expect.stringContaining('→ receipts')]);
  });

  it('prints events in the order they came', () => {
    const { timeline, lines, handle } = start();
    timeline.onEvent(event(1));
    timeline.onEvent(event(2));
    handle(record(2));
    expect(lines).toEqual([]);
    handle(record(1));
    expect(lines).toEqual([expect.stringContaining('o1'), expect.stringContaining('o2')]);
  });

  it('does not hold an event for long, and tells of whoever handles it later', () => {
    const { timeline, lines, handle, pass } = start();
    timeline.onEvent(event(1));
    pass(399);
    expect(lines).toEqual([]);
    pass(1);
    expect(lines).toEqual([expect.stringContaining('nobody yet')]);
    handle(record(1));
    expect(lines[1]).toContain('↳ receipts');
  });

  it('prints an event whose record came first', () => {
    const { timeline, lines, handle } = start();
    handle(record(1));
    timeline.onEvent(event(1));
    expect(lines).toEqual([expect.stringContaining('→ receipts')]);
  });

  it('prints all that it holds at the end', () => {
    const { timeline, lines } = start();
    timeline.onEvent(event(1));
    timeline.advance(true);
    expect(lines).toHaveLength(1);
  });
});
