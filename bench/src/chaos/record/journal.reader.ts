import { existsSync, readFileSync } from 'node:fs';
import { JournalLine } from './journal.js';

/** The lines of a journal. The last one may be cut short: its writer was killed. */
export const readJournal = (path: string): JournalLine[] => {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => parseLine(line));
};

const parseLine = (line: string): JournalLine[] => {
  try {
    return [JSON.parse(line) as JournalLine];
  } catch {
    return [];
  }
};
