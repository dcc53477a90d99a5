/** Something that happened: an id of its own, and when, ISO 8601 in UTC. */
export interface Dated {
  id: string;
  at: string;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const newestFirst = (a: Dated, b: Dated): number => compare(b.at, a.at) || compare(b.id, a.id);

/**
 * A list of the newest `size` with one more in it, newest first; `undefined` where that changes nothing: it is
 * in there, or is older than all that a full list keeps. So a list is the newest of all that was ever added,
 * in whatever order and however often that was: events may be redelivered and overtake each other.
 */
export const withNewest = <T extends Dated>(known: readonly T[], added: T, size: number): T[] | undefined => {
  if (known.some(({ id }) => id === added.id)) return undefined;
  const items = [...known, added].sort(newestFirst).slice(0, size);
  return items.includes(added) ? items : undefined;
};
