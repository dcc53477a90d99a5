import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository } from '../support/workspace.js';

interface MemorySample {
  rows: number;
  heapBytes: number;
}

const ROWS = 40_000;
const EVERY = 10_000;
/** A row that is kept takes some 120; what else comes and goes is up to 40 for each, over so many. */
const BYTES_PER_ROW = 70;

describe('feeding a file of order lines', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-memory-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps nothing of the rows that are done', () => {
    const [file, json] = [join(folder, 'orders.csv'), join(folder, 'samples.json')];
    const run = (main: string, ...args: string[]) =>
      execFileSync(process.execPath, [inRepository(main), ...args], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    run('demo/dist/sample/main.js', '--out', file, '--rows', String(ROWS), '--seed', '7');
    run('demo/dist/memory/main.js', '--orders', file, '--every', String(EVERY), '--json', json);
    const samples = JSON.parse(readFileSync(json, 'utf8')) as MemorySample[];
    const [first, last] = [samples.at(0)!, samples.at(-1)!];
    expect(last.rows).toBe(ROWS);
    expect(first.rows).toBeLessThan(2 * EVERY);
    expect((last.heapBytes - first.heapBytes) / (last.rows - first.rows)).toBeLessThan(BYTES_PER_ROW);
  }, 120_000);
});
