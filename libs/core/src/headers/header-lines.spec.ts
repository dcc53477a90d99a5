import { MsgHdrsImpl } from '@nats-io/transport-node';
import { readHeaders } from './header-value.js';
import { EncodedHeaders, encodeHeaderLines, headerLine, parseHeaderLines } from './header-lines.js';

const LINES = [
  headerLine('ce-id', 'a:b: c'),
  headerLine('x-tenant', 'ä€😀'),
  headerLine('empty', ''),
  headerLine('__proto__', 'own'),
].join('');

it('writes what the client reads', () => {
  expect([...MsgHdrsImpl.decode(encodeHeaderLines(LINES))]).toEqual([
    ['ce-id', ['a:b: c']],
    ['x-tenant', ['ä€😀']],
    ['empty', ['']],
    ['__proto__', ['own']],
  ]);
});

it('gives the client the same headers in its own form', () => {
  const headers = parseHeaderLines(LINES);
  expect([...headers]).toEqual([...MsgHdrsImpl.decode(encodeHeaderLines(LINES))]);
  headers.set('ce-id', 'new');
  expect(readHeaders(headers)['ce-id']).toBe('new');
});

it('lets the client send bytes as they are', () => {
  const bytes = encodeHeaderLines(LINES);
  expect(new EncodedHeaders().of(bytes).encode()).toBe(bytes);
});
