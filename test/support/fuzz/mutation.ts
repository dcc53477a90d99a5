import * as fc from 'fast-check';
import { type Arbitrary } from 'fast-check';
import { hostileProperty, hostileValue } from './hostile.js';

type Path = readonly string[];

const KINDS = ['replace', 'taint', 'taint', 'remove', 'add', 'wrap'] as const;

interface Mutation {
  kind: (typeof KINDS)[number];
  /** Which of the places in the value, modulo their number. */
  at: number;
  value: unknown;
  property: string;
  taint: string;
}

/** Into the middle of a text that is right, where a check may look no closer. */
const TAINTS = [
  '\ud800',
  '\udc00',
  '\u0000',
  '\n',
  '\u202e',
  '🙂',
  'é',
  'e\u0301',
  '.',
  '*',
  ' ',
  '>',
  '%',
  '0'.repeat(80),
];

const mutation: Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(1000),
  value: hostileValue,
  property: hostileProperty,
  taint: fc.constantFrom(...TAINTS),
});

/** Values that are right but for a few places. */
export const mutated = (valid: Arbitrary<unknown>): Arbitrary<unknown> =>
  fc
    .tuple(valid, fc.array(mutation, { maxLength: 3 }))
    .map(([value, mutations]) => mutations.reduce(apply, value));

const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const placesOf = (value: unknown, path: Path = []): Path[] =>
  path.length > 6 || !isBranch(value)
    ? [path]
    : [
        path,
        ...Object.keys(value)
          .slice(0, 30)
          .flatMap((key) => placesOf(value[key], [...path, key])),
      ];

const apply = (value: unknown, { kind, at, value: hostile, property, taint }: Mutation): unknown => {
  const places = placesOf(value);
  const [first, ...rest] = places[at % places.length] ?? [];
  return first === undefined
    ? change(value, { kind, hostile, property, taint })
    : changeAt(value, [first, ...rest], (found) => change(found, { kind, hostile, property, taint }));
};

const GONE = Symbol('gone');

const change = (
  value: unknown,
  { kind, hostile, property, taint }: Omit<Mutation, 'at' | 'value'> & { hostile: unknown },
): unknown => {
  switch (kind) {
    case 'replace':
      return hostile;
    case 'taint':
      return tainted(value, taint);
    case 'remove':
      return GONE;
    case 'wrap':
      return [value];
    case 'add':
    default:
      return isBranch(value) && !Array.isArray(value)
        ? Object.fromEntries([...Object.entries(value), [property, hostile]])
        : hostile;
  }
};

const tainted = (value: unknown, taint: string): unknown => {
  if (typeof value === 'number') return [-value, value + 0.5, value * 1e9, String(value)][taint.length % 4];
  if (typeof value !== 'string') return taint;
  const middle = Math.ceil(value.length / 2);
  return value.slice(0, middle) + taint + value.slice(middle);
};

const changeAt = (value: unknown, [key, ...rest]: Path, edit: (found: unknown) => unknown): unknown => {
  if (key === undefined) return edit(value);
  if (!isBranch(value)) return value;
  if (Array.isArray(value)) {
    return value
      .map((item: unknown, index) => (String(index) === key ? changeAt(item, rest, edit) : item))
      .filter((item) => item !== GONE);
  }
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    name === key ? changeAt(item, rest, edit) : item,
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== GONE));
};

const SYSTEMATIC: readonly Omit<Mutation, 'at'>[] = [
  ...['\ud800', '\u0000'].map((taint) => ({ kind: 'taint' as const, taint, value: null, property: '' })),
  ...[null, {}, [], '', 7, { toString: 1 }].map((value) => ({
    kind: 'replace' as const,
    taint: '',
    value,
    property: '',
  })),
  { kind: 'remove', taint: '', value: null, property: '' },
];

/** A right value with one wrong place, for each place and each of a few ways to be wrong. */
export const everyMutation = (valid: unknown): unknown[] =>
  placesOf(valid).flatMap((_place, at) => SYSTEMATIC.map((one) => apply(valid, { ...one, at })));
