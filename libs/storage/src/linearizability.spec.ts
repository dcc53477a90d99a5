import { assertNever } from '@millrace/core';
import { isLinearizable, Operation, Recorded } from './linearizability.fixture.js';
import { seededRandom } from './random.fixture.js';

const done = (operation: Operation, begun: number, ended: number): Recorded => ({
  operation,
  begun,
  ended,
  refused: false,
});
const refused = (operation: Operation, begun: number, ended: number): Recorded => ({
  ...done(operation, begun, ended),
  refused: true,
});
const unknown = (operation: Operation, begun: number): Recorded => ({
  operation,
  begun,
  ended: undefined,
  refused: false,
});

const get = (found?: string): Operation => ({ kind: 'get', found });
const put = (value: string): Operation => ({ kind: 'put', value });
const create = (value: string): Operation => ({ kind: 'create', value });
const update = (expected: string, value: string): Operation => ({ kind: 'update', expected, value });
const remove: Operation = { kind: 'delete' };

describe('isLinearizable', () => {
  it.each<[string, Recorded[]]>([
    ['nothing', []],
    ['a read of what was written', [done(put('a'), 0, 1), done(get('a'), 2, 3)]],
    ['either order of what overlaps', [done(put('a'), 0, 3), done(put('b'), 1, 2), done(get('a'), 4, 5)]],
    [
      'a read of the old value during a write',
      [done(put('a'), 0, 9), done(get(), 1, 2), done(get('a'), 3, 4)],
    ],
    ['what nobody knows, and did not happen', [unknown(put('a'), 0), done(get(), 1, 2), done(get(), 3, 4)]],
    ['what nobody knows, and happened late', [unknown(put('a'), 0), done(get(), 1, 2), done(get('a'), 3, 4)]],
    ['one of two creations', [done(create('a'), 0, 3), refused(create('b'), 1, 2), done(get('a'), 4, 5)]],
    [
      'a creation over a deletion',
      [done(put('a'), 0, 1), done(remove, 2, 3), done(create('b'), 4, 5), done(get('b'), 6, 7)],
    ],
    [
      'an update refused for another one that overlaps',
      [done(put('a'), 0, 1), refused(update('a', 'b'), 2, 5), done(update('a', 'c'), 3, 4)],
    ],
  ])('takes %s', (_, history) => {
    expect(isLinearizable(history)).toBe(true);
  });

  it.each<[string, Recorded[]]>([
    ['a read of what was never written', [done(get('a'), 0, 1)]],
    ['a stale read', [done(put('a'), 0, 1), done(put('b'), 2, 3), done(get('a'), 4, 5)]],
    ['a lost write', [done(put('a'), 0, 1), done(get(), 2, 3)]],
    ['a read that goes back', [done(put('a'), 0, 9), done(get('a'), 1, 2), done(get(), 3, 4)]],
    ['two creations', [done(create('a'), 0, 3), done(create('b'), 1, 2)]],
    [
      'two updates of one value',
      [done(put('a'), 0, 1), done(update('a', 'b'), 2, 5), done(update('a', 'c'), 3, 4)],
    ],
    ['an update refused for nothing', [done(put('a'), 0, 1), refused(update('a', 'b'), 2, 3)]],
    [
      'what nobody knows, happening twice',
      [unknown(put('a'), 0), done(get('a'), 1, 2), done(put('b'), 3, 4), done(get('a'), 5, 6)],
    ],
    ['what nobody knows, before it began', [done(get('a'), 0, 1), unknown(put('a'), 2)]],
  ])('refuses %s', (_, history) => {
    expect(isLinearizable(history)).toBe(false);
  });

  /** Tries every order. */
  const byForce = (history: readonly Recorded[]): boolean => {
    const search = (left: readonly Recorded[], state: string | undefined): boolean => {
      if (left.every(({ ended }) => ended === undefined)) return true;
      const firstEnd = Math.min(...left.map(({ ended }) => ended ?? Infinity));
      return left.some((candidate) => {
        if (candidate.begun > firstEnd) return false;
        const { operation, refused: no } = candidate;
        const others = left.filter((other) => other !== candidate);
        switch (operation.kind) {
          case 'get':
            return operation.found === state && search(others, state);
          case 'put':
            return search(others, operation.value);
          case 'delete':
            return search(others, undefined);
          case 'create':
          case 'update': {
            const expected = operation.kind === 'create' ? undefined : operation.expected;
            if (no) return state !== expected && search(others, state);
            return state === expected && search(others, operation.value);
          }
          default:
            return assertNever(operation);
        }
      });
    };
    return search(history, undefined);
  };

  it('agrees with trying every order', () => {
    const random = seededRandom(11);
    const pick = <A>(from: readonly A[]): A => from[Math.floor(random() * from.length)] as A;
    const verdicts = { yes: 0, no: 0 };
    for (let round = 0; round < 3000; round++) {
      const history = Array.from({ length: 6 }, (_, at): Recorded => {
        const value = `v${at}`;
        const other = pick(['v0', 'v1', 'v2', 'v3', undefined]);
        const operation = pick<Operation>([
          get(other),
          get(other),
          put(value),
          create(value),
          update(other ?? 'v0', value),
          remove,
        ]);
        const begun = random() * 10;
        const mayRefuse = operation.kind === 'create' || operation.kind === 'update';
        return {
          operation,
          begun,
          ended: operation.kind !== 'get' && random() < 0.2 ? undefined : begun + random() * 5,
          refused: mayRefuse && random() < 0.3,
        };
      }).map((recorded) => (recorded.ended === undefined ? { ...recorded, refused: false } : recorded));
      const verdict = isLinearizable(history);
      verdicts[verdict ? 'yes' : 'no']++;
      expect({ history, verdict }).toEqual({ history, verdict: byForce(history) });
    }
    expect(Math.min(verdicts.yes, verdicts.no)).toBeGreaterThan(300);
  });
});
