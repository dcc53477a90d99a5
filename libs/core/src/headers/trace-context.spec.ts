import { childTrace, traceIdOf } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

it('continues a trace with a new span and the same flags', () => {
  for (const flags of ['00', '01']) {
    const child = childTrace(`00-${TRACE}-${SPAN}-${flags}`);
    expect(child).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${flags}$`));
    expect(child).not.toContain(SPAN);
  }
});

it('begins a trace of its own without a parent, and claims no recording of it', () => {
  expect(childTrace(undefined)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});

it.each([
  '',
  'nonsense',
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
])('begins a new trace on the invalid parent %j', (parent) => {
  expect(traceIdOf(parent)).toBeUndefined();
  const child = childTrace(parent);
  expect(traceIdOf(child)).toMatch(/^[0-9a-f]{32}$/);
  expect(traceIdOf(child)).not.toBe(TRACE);
});

it('never gives an id twice', () => {
  const children = Array.from({ length: 20_000 }, () => childTrace(undefined));
  expect(new Set(children.map(traceIdOf)).size).toBe(20_000);
  expect(new Set(children.map((child) => child.slice(36, 52))).size).toBe(20_000);
});
