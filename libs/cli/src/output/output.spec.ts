import { printable, printableLines, shortened } from './printable.js';
import { Table } from './table.js';

describe('what is written', () => {
  it('never moves the cursor, nor turns the writing around', () => {
    expect(printable('a\u001b[2Jb\u202ec\n')).toBe('a\\u001b[2Jb\\u202ec\\u000a');
    expect(printableLines('a\r\nb\u0007')).toBe('a\nb\\u0007');
    expect(printable('žluť 🐎')).toBe('žluť 🐎');
  });

  it('is cut where it is too long', () => expect(shortened('abcdef', 4)).toBe('abc…'));

  it('stands in columns as wide as the first rows need', () => {
    const columns = [
      { title: 'A', of: ([a]: string[]) => a ?? '', max: 5 },
      { title: 'BB', of: ([, b]: string[]) => b ?? '', max: 5 },
    ];
    const table = new Table(columns, [['x', 'longer than that']]);
    expect(table.title).toBe('A  BB');
    expect(table.line(['x', 'longer than that'])).toBe('x  long…');
  });
});
