import { describeDifferences, diffConfig } from './config.diff.js';

const fields = (declared: Record<string, unknown>, existing: Record<string, unknown>): string[] =>
  diffConfig(declared, existing).map(({ field }) => field);

it('finds the declared fields that differ, and only those', () => {
  expect(fields({ a: 1, b: 'x', c: true }, { a: 1, b: 'y', c: false, d: 4 })).toEqual(['b', 'c']);
  expect(fields({}, { a: 1 })).toEqual([]);
  expect(fields({ a: undefined }, { a: 1 })).toEqual([]);
});

it('takes what is absent for what is false, zero or empty', () => {
  for (const empty of [false, 0, '', null]) expect(fields({ a: empty }, {})).toEqual([]);
  expect(fields({ a: [], b: {} }, {})).toEqual([]);
  expect(fields({ a: 0 }, { a: 1 })).toEqual(['a']);
  expect(fields({ a: 1 }, {})).toEqual(['a']);
  expect(fields({ a: [] }, { a: ['x'] })).toEqual(['a']);
});

it('compares lists in any order, item for item', () => {
  expect(fields({ a: ['x', 'y'] }, { a: ['y', 'x'] })).toEqual([]);
  expect(fields({ a: ['x'] }, { a: ['x', 'y'] })).toEqual(['a']);
  expect(fields({ a: ['x', 'y'] }, { a: ['x'] })).toEqual(['a']);
  expect(fields({ a: ['x', 'x'] }, { a: ['x', 'y'] })).toEqual(['a']);
});

it('compares records by what is declared of them, at any depth', () => {
  const existing = {
    sources: [{ name: 's', filter: '', opt_start_seq: 3, subject_transforms: [{ src: 'a', dest: 'b' }] }],
  };
  expect(
    fields({ sources: [{ name: 's', subject_transforms: [{ src: 'a', dest: 'b' }] }] }, existing),
  ).toEqual([]);
  expect(
    fields({ sources: [{ name: 's', subject_transforms: [{ src: 'a', dest: 'c' }] }] }, existing),
  ).toEqual(['sources']);
  expect(fields({ meta: { k: 'v' } }, { meta: 'text' })).toEqual(['meta']);
});

it('says what differs', () => {
  expect(describeDifferences(diffConfig({ storage: 'memory', a: 1 }, { storage: 'file' }))).toBe(
    'storage is "file", declared "memory"; a is undefined, declared 1',
  );
});
