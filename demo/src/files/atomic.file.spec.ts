import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFile, whyNotWritable, writeJson } from './atomic.file.js';

describe('a file written in one piece', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-file-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('replaces what was there, and leaves nothing beside it', () => {
    const file = join(folder, 'report.json');
    writeJson(file, { first: true });
    writeJson(file, { second: true });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ second: true });
    expect(readdirSync(folder)).toEqual(['report.json']);
    removeFile(file);
    removeFile(file);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused where it cannot be', () => {
    mkdirSync(join(folder, 'taken'));
    expect(whyNotWritable(join(folder, 'report.json'))).toBeUndefined();
    expect(whyNotWritable(join(folder, 'absent', 'report.json'))).toContain('absent');
    expect(whyNotWritable(join(folder, 'taken'))).toContain('is a folder');
  });
});
