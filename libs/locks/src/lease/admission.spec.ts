import { Claim, judge, SeenRecord, Verdict } from './admission.js';
import { LeaseRecord } from './lease.record.js';

let sequence = 0;
const seen = (id: string, record: Partial<LeaseRecord>): SeenRecord => ({
  id,
  sequence: ++sequence,
  record: {
    kind: 'lock',
    name: 'a',
    state: 'held',
    mode: 'exclusive',
    holder: id,
    since: 0,
    ttlMs: 1000,
    ...record,
  },
});
const waiting = (id: string, record: Partial<LeaseRecord> = {}): SeenRecord =>
  seen(id, { state: 'waiting', ...record });
const claim = (wanted: Partial<Claim> = {}): Claim => ({
  id: 'me',
  mode: 'exclusive',
  permits: undefined,
  ticket: undefined,
  ...wanted,
});
const kind = (records: SeenRecord[], wanted?: Partial<Claim>): Verdict['kind'] =>
  judge(records, claim(wanted)).kind;

it('gives what is free, and nothing that is held', () => {
  expect(kind([])).toBe('take');
  expect(kind([seen('a', {})])).toBe('wait');
  expect(kind([seen('a', { mode: 'shared' })])).toBe('wait');
});

it('serves those in line in the order of their first entry, whatever they have written since', () => {
  const first = waiting('a', { ticket: 3 });
  expect(judge([first], claim({ ticket: 4 }))).toEqual({ kind: 'pass', ahead: 1 });
  expect(kind([first], { ticket: 2 })).toBe('take');
  expect(kind([first])).toBe('pass');
});

it('lets readers in together, but not past a writer that waits', () => {
  const reader = seen('r', { mode: 'shared' });
  expect(kind([reader], { mode: 'shared' })).toBe('take');
  expect(kind([reader, waiting('w', { ticket: 1 })], { mode: 'shared', ticket: 2 })).toBe('pass');
  expect(kind([waiting('r1', { mode: 'shared', ticket: 1 })], { mode: 'shared', ticket: 2 })).toBe('take');
  expect(kind([waiting('r1', { mode: 'shared', ticket: 1 })], { ticket: 2 })).toBe('pass');
});

it('gives as many permits as there are, and reckons with those that are about to be taken', () => {
  const permit = (id: string, permits = 3) => seen(id, { mode: 'permit', permits });
  const mine: Partial<Claim> = { mode: 'permit', permits: 3, ticket: 9 };
  const before = waiting('w', { mode: 'permit', permits: 3, ticket: 1 });
  expect(kind([permit('a'), permit('b')], mine)).toBe('take');
  expect(kind([permit('a'), permit('b'), permit('c')], mine)).toBe('wait');
  expect(kind([permit('a'), before], mine)).toBe('take');
  expect(kind([permit('a'), permit('b'), before], mine)).toBe('pass');
});

it('holds to the smallest number of permits that anybody declares', () => {
  expect(kind([seen('a', { mode: 'permit', permits: 1 })], { mode: 'permit', permits: 5 })).toBe('wait');
  expect(kind([seen('a', { mode: 'permit', permits: 5 })], { mode: 'permit', permits: 1 })).toBe('wait');
});

it('does not count its own place as one ahead', () => {
  expect(kind([waiting('me', { ticket: 5 })], { ticket: 5 })).toBe('take');
});
