import { addToDigest } from '../record/digest.js';
import { DrillRecord } from '../record/drill.record.js';

/** When event `sequence` was published, and handled by everybody. */
const PUBLISHED_MS = 1000;
const HANDLED_MS = 1010;

const SEQUENCES = [1, 2, 3, 4, 5, 6] as const;
const keyOf = (sequence: number): string => `good-${sequence % 2}`;
const idOf = (sequence: number): string => `event-${sequence}`;

/**
 * A run without a fault: six events of two accounts, one a second, handled by three groups, the last one put aside by
 * the first group.
 */
export const cleanRecord = (): DrillRecord => {
  const counts = new Map<string, number>();
  const effects = SEQUENCES.map((sequence) => {
    const account = keyOf(sequence);
    const count = (counts.get(account) ?? 0) + 1;
    counts.set(account, count);
    return { group: 'ledger', account, origin: idOf(sequence), count, sequence };
  });
  return {
    groups: [
      { group: 'plain', type: 'chaos.placed' },
      { group: 'ledger', type: 'chaos.placed', commits: true },
      { group: 'ordered', type: 'chaos.placed', ordered: true },
    ],
    events: SEQUENCES.map((sequence) => ({
      sequence,
      type: 'chaos.placed',
      key: keyOf(sequence),
      id: idOf(sequence),
    })),
    confirmations: SEQUENCES.map((sequence) => ({
      id: idOf(sequence),
      sequence,
      atMs: sequence * 1000 + PUBLISHED_MS,
    })),
    handlings: ['plain', 'ledger', 'ordered'].flatMap((group) =>
      SEQUENCES.filter((sequence) => group !== 'plain' || sequence < 6).map((sequence) => ({
        app: 'worker-1',
        group,
        sequence,
        attempt: 1,
        beganMs: sequence * 1000 + HANDLED_MS,
        endedMs: sequence * 1000 + HANDLED_MS + 5,
      })),
    ),
    deadLetters: [{ group: 'plain', sequence: 6, cause: 'poison', atMs: 7020 }],
    effects,
    accounts: [...counts].map(([account, count]) => ({
      group: 'ledger',
      account,
      count,
      digest: effects
        .filter((effect) => effect.account === account)
        .reduce((sum, { origin }) => addToDigest(sum, origin), 0),
    })),
    faults: [],
    failedStarts: 0,
    absences: [],
    surprises: [],
  };
};
