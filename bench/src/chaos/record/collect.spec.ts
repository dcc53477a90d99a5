import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournals } from './collect.js';
import { Journal } from './journal.js';

describe('journals', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-journal-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = (write: (journal: Journal) => void) => {
    const path = join(folder, 'worker-1.journal');
    write(new Journal(path));
    return readJournals([path]);
  };

  it('tell what was confirmed, and which handlings returned', () => {
    const { confirmations, handlings } = read((journal) => {
      journal.write(['intent', 'a', 1]);
      journal.write(['stored', 'a', 7, 2]);
      journal.write(['failed', 'b', true, 3]);
      journal.write(['begin', 'plain', 7, 1, 4]);
      journal.write(['begin', 'plain', 8, 1, 5]);
      journal.write(['end', 'plain', 7, 1, 6]);
    });
    expect(confirmations).toEqual([{ id: 'a', sequence: 7, atMs: 2 }]);
    const one = { app: 'worker-1', group: 'plain', attempt: 1 };
    expect(handlings).toEqual([
      { ...one, sequence: 7, beganMs: 4, endedMs: 6 },
      { ...one, sequence: 8, beganMs: 5, endedMs: undefined },
    ]);
  });

  it('keep a handling that was begun again under the same attempt', () => {
    const { handlings } = read((journal) => {
      journal.write(['begin', 'plain', 7, 1, 4]);
      journal.write(['begin', 'plain', 7, 1, 5]);
      journal.write(['end', 'plain', 7, 1, 6]);
    });
    expect(handlings.map(({ beganMs, endedMs }) => [beganMs, endedMs])).toEqual([
      [4, undefined],
      [5, 6],
    ]);
  });

  it('are read up to where their writer was killed', () => {
    const path = join(folder, 'worker-1.journal');
    writeFileSync(path, '["begin","plain",7,1,4]\n["end","pla');
    expect(readJournals([path, join(folder, 'never-written.journal')]).handlings).toHaveLength(1);
  });
});
