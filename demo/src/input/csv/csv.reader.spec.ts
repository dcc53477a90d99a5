import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvReader } from './csv.reader.js';
import { identify } from './file.identity.js';
import { decodeText } from './text.decoder.js';

describe('a CSV file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-csv-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (content: string | Buffer): string => {
    const file = join(folder, 'file.csv');
    writeFileSync(file, typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    return file;
  };
  const read = async (content: string | Buffer, skipBroken = false): Promise<string[]> => {
    const file = write(content);
    const reader = new CsvReader(file, (await identify(file)).start);
    const seen: string[] = [];
    for await (const item of reader.read()) {
      seen.push(`${item.line}: ${item.kind === 'record' ? item.fields.join('|') : item.kind}`);
      if (skipBroken && item.kind === 'record' && item.lines > 1) reader.skip();
    }
    return seen;
  };

  it('is read with quotes, commas and line breaks in fields, CRLF and LF, with the line of each record', async () => {
    const text = 'a,b\r\n"x, y","say ""hi"""\n\r\n"two\r\nlines",2\r\nlast,1';
    expect(await read(text)).toEqual(['1: a|b', '2: x, y|say "hi"', '3: ', '4: two\r\nlines|2', '6: last|1']);
  });

  it('loses a line, and no more, where a quote is never closed', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => `row,${at}`);
    const seen = await read(['a,b', '"open,1', ...rows].join('\r\n'));
    expect(seen.slice(0, 3)).toEqual(['1: a|b', '2: fault', '3: row|0']);
    expect(seen).toHaveLength(20_002);
    expect(seen.at(-1)).toBe('20002: row|19999');
  });

  it('loses a line where a quote is never closed and the next quotes would fit it', async () => {
    const text = '1,"open,1\r\n2,"MUG, RED",6\r\n3,"a"b,1\r\n4,c"d,1\r\n5,e,1\r\n"';
    expect(await read(text)).toEqual([
      '1: fault',
      '2: 2|MUG, RED|6',
      '3: fault',
      '4: fault',
      '5: 5|e|1',
      '6: fault',
    ]);
  });

  it('goes on at the next line of a record that is none after all', async () => {
    const text = 'a,b\n1,"x\n2,y\n3",z\n4,u\n';
    expect(await read(text, true)).toEqual(['1: a|b', '2: 1|x\n2,y\n3|z', '3: 2|y', '4: fault', '5: 4|u']);
  });

  it('tells how many bytes it has read', async () => {
    const file = write('a,é\r\nb,c\n');
    const ends: number[] = [];
    for await (const { end } of new CsvReader(file).read()) ends.push(end);
    expect(ends).toEqual([5, 9]);
  });

  it('begins behind a byte order mark', async () => {
    expect(await read(Buffer.from('\ufeffa,b\n', 'utf8'))).toEqual(['1: a|b']);
  });

  it('is refused where it is not there', async () => {
    await expect(new CsvReader(join(folder, 'none')).read().next()).rejects.toThrow(/ENOENT/);
  });

  it('is UTF-8 field by field, and otherwise Windows-1252', async () => {
    const utf8 = Buffer.from('é€', 'utf8').toString('latin1');
    expect(['plain', utf8, 'caf\u00e9', '\u0080 5'].map(decodeText)).toEqual(['plain', 'é€', 'café', '€ 5']);
  });

  it('is known by its content, not by its name', async () => {
    const first = await identify(write('a,b\n'));
    expect(await identify(write('a,b\n'))).toEqual(first);
    expect((await identify(write('a,b\n1'))).id).not.toBe(first.id);
    expect((await identify(write('a,c\n'))).id).not.toBe(first.id);
  });
});
