import { readFileSync } from 'node:fs';
import { ErrorCode } from './errors/error-codes.js';
import { decodeKey, encodeKey } from './subjects/key-token.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The first two cells of each row of the table under `heading` whose head begins with `column`. */
const rows = (column: string): [string, string][] => {
  const lines = README.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${column}`));
  const end = lines.findIndex((line, at) => at > head && !line.startsWith('|'));
  return lines.slice(head + 2, end).map((line) => {
    const [, first = '', second = ''] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    return [first, second];
  });
};

it('shows keys and their tokens as they are', () => {
  const examples = rows('key ');
  expect(examples.length).toBeGreaterThan(5);
  for (const [key, token] of examples)
    expect([key, encodeKey(key), decodeKey(token)]).toEqual([key, token, key]);
});

it('names only codes that exist', () => {
  const codes = rows('code ').map(([code]) => code);
  expect(codes.length).toBeGreaterThan(15);
  expect(codes.filter((code) => !Object.values<string>(ErrorCode).includes(code))).toEqual([]);
});
