import { DeadLetterEntry, HandledRecord, StoredEvent } from '../ledger/ledger.entries.js';
import { Paint } from './paint.js';

const TYPE_WIDTH = 25;
const KEY_WIDTH = 20;
/** Of a key that is cut, what is left of its end. */
const KEY_END = 8;
const SOURCE_WIDTH = 9;

/** `12:04:05.123`, in the local time zone. */
export const clockTime = (at: number): string => {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
};

// Cut in the middle: a reminder's key begins with its kind and ends with its order, as most ids end with what is random.
const short = (key: string | undefined): string => {
  if (key === undefined) return '-';
  if (key.length <= KEY_WIDTH) return key;
  return `${key.slice(0, KEY_WIDTH - KEY_END - 1)}…${key.slice(-KEY_END)}`;
};

const duration = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);

const handling = ({ group, ms, attempt, outcome }: HandledRecord, paint: Paint): string => {
  const again = attempt > 1 ? ` at attempt ${attempt}` : '';
  const text = `${group} ${duration(ms)}${again}`;
  return outcome === 'ack'
    ? paint('green', text)
    : paint(outcome === 'retry' ? 'yellow' : 'red', `${text} (${outcome})`);
};

const byGroup = (a: HandledRecord, b: HandledRecord): number =>
  a.group < b.group ? -1 : a.group > b.group ? 1 : 0;

/** An event: when, what, which, who published it, who handled it and how long that took. */
export const eventLine = (event: StoredEvent, records: readonly HandledRecord[], paint: Paint): string => {
  const handled = [...records].sort(byGroup).map((record) => handling(record, paint));
  const columns = [
    paint('dim', clockTime(event.storedAt)),
    paint('bold', event.type.padEnd(TYPE_WIDTH)),
    paint('cyan', short(event.key).padEnd(KEY_WIDTH)),
    event.source.padEnd(SOURCE_WIDTH),
  ];
  return `${columns.join('  ')}  → ${handled.length > 0 ? handled.join(', ') : paint('dim', 'nobody yet')}`;
};

/** One that handled an event after its line was printed. */
export const lateLine = (record: HandledRecord, at: number, paint: Paint): string => {
  const what = `${record.type.padEnd(TYPE_WIDTH)}  ${short(record.key).padEnd(KEY_WIDTH)}`;
  const cause = record.cause === undefined ? '' : paint('yellow', `: ${record.cause}`);
  return `${paint('dim', clockTime(at))}  ${paint('dim', what)}  ${' '.repeat(SOURCE_WIDTH)}  ↳ ${handling(record, paint)}${cause}`;
};

/** A dead letter. */
export const deadLetterLine = (letter: DeadLetterEntry, at: number, paint: Paint): string => {
  const [, context = '', event = '', key = ''] = letter.subject.split('.');
  const text = `✗ dead letter of ${letter.group} after ${letter.attempts} attempt(s): ${letter.cause}`;
  return `${paint('dim', clockTime(at))}  ${paint('red', `${`${context}.${event}`.padEnd(TYPE_WIDTH)}  ${short(key).padEnd(KEY_WIDTH)}  ${text}`)}`;
};
