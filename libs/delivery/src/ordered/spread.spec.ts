import { spread } from './spread.js';

const counts = (target: Map<string, number[]>): number[] =>
  [...target.values()].map(({ length }) => length).sort((a, b) => a - b);

const toOwners = (target: Map<string, number[]>): Map<number, string> =>
  new Map([...target].flatMap(([member, owned]) => owned.map((p): [number, string] => [p, member])));

const moved = (before: Map<number, string>, after: Map<number, string>): number =>
  [...after].filter(([p, owner]) => before.has(p) && before.get(p) !== owner).length;

describe('spreading partitions', () => {
  it('gives a single member all of them, and nobody none', () => {
    expect(spread({ partitions: 4, members: ['a'], owners: new Map() }).get('a')).toEqual([0, 1, 2, 3]);
    expect(spread({ partitions: 4, members: [], owners: new Map([[0, 'gone']]) }).size).toBe(0);
  });

  it('leaves an even spread as it is', () => {
    const owners = new Map([
      [0, 'b'],
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(toOwners(spread({ partitions: 3, members: ['a', 'b'], owners }))).toEqual(owners);
  });

  it('moves no more than must move when members come and go, and stays even', () => {
    for (const partitions of [1, 5, 16, 17]) {
      let owners = new Map<number, string>();
      let members: string[] = [];
      for (const step of ['+a', '+b', '+c', '-b', '+d', '+e', '-a', '-c', '+f', '-d']) {
        const [sign, name] = [step[0], step.slice(1)];
        members = sign === '+' ? [...members, name] : members.filter((member) => member !== name);
        const lost = [...owners.values()].filter((owner) => !members.includes(owner)).length;
        const target = spread({ partitions, members, owners });
        const after = toOwners(target);
        expect(after.size).toBe(partitions);
        expect((counts(target).at(-1) ?? 0) - (counts(target)[0] ?? 0)).toBeLessThanOrEqual(1);
        const mostToMove = sign === '+' ? Math.floor(partitions / members.length) + 1 : lost;
        expect(moved(owners, after)).toBeLessThanOrEqual(Math.max(lost, mostToMove));
        owners = after;
      }
    }
  });
});
