/** Who owns which partition, as far as is known. */
export interface Ownership {
  /** How many partitions there are: 0 to `partitions - 1`. */
  partitions: number;
  /** The replicas that are there. */
  members: readonly string[];
  /** The owner of each partition that has one. */
  owners: ReadonlyMap<number, string>;
}

/**
 * Which partitions each member should own: no member more than one above another, and nothing moves that need
 * not. Every replica computes it by itself and comes to the same.
 */
export const spread = ({ partitions, members, owners }: Ownership): Map<string, number[]> => {
  const target = new Map(members.map((member): [string, number[]] => [member, []]));
  if (members.length === 0) return target;
  const free: number[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    (target.get(owners.get(partition) ?? '') ?? free).push(partition);
  }
  // Those who have most keep the share that is one larger.
  const ranked = [...target].sort(([a, mine], [b, yours]) => yours.length - mine.length || (a < b ? -1 : 1));
  const share = Math.floor(partitions / members.length);
  const larger = partitions % members.length;
  const shareOf = (rank: number): number => (rank < larger ? share + 1 : share);
  for (const [rank, [, owned]] of ranked.entries()) free.push(...owned.splice(shareOf(rank)));
  free.sort((a, b) => a - b);
  for (const [rank, [, owned]] of ranked.entries())
    owned.push(...free.splice(0, shareOf(rank) - owned.length));
  return target;
};
