import { createHash } from 'node:crypto';

const FIRST_NAMES = [
  'Ada',
  'Alan',
  'Barbara',
  'Donald',
  'Edsger',
  'Frances',
  'Grace',
  'Ken',
  'Leslie',
  'Margaret',
];
const LAST_NAMES = [
  'Allen',
  'Dijkstra',
  'Hamilton',
  'Hopper',
  'Knuth',
  'Lamport',
  'Liskov',
  'Lovelace',
  'Thompson',
];

/** The user that a key stands for: always the same one, and another for every other key. */
export const generatedUser = (key: string): { id: string; name: string } => {
  const digest = createHash('sha256').update(key).digest();
  const pick = (names: readonly string[], at: number): string =>
    names[digest.readUInt16BE(at) % names.length] ?? '';
  return {
    id: `timer-${digest.toString('hex', 0, 10)}`,
    name: `${pick(FIRST_NAMES, 10)} ${pick(LAST_NAMES, 12)}`,
  };
};
