import { REPORT_CONTEXTS } from '@millrace/contracts';
import { countsOf, partsOf } from './report.parts.js';

const period = (from: string, until: string) => ({ from: new Date(from), until: new Date(until) });

describe('the parts of a period', () => {
  it.each([
    ['an hour', period('2030-01-01T10:00:00Z', '2030-01-01T11:00:00Z'), 1],
    ['a day', period('2030-01-01', '2030-01-02'), 1],
    ['a day and a bit', period('2030-01-01', '2030-01-02T00:00:00.001Z'), 2],
    ['a week', period('2030-01-01', '2030-01-08'), 7],
    ['ten years', period('2030-01-01', '2040-01-01'), 16],
  ])('cover %s without a gap or an overlap', (_, whole, count) => {
    const parts = partsOf(whole);
    expect(parts).toHaveLength(count);
    expect(parts[0]?.from).toEqual(whole.from);
    expect(parts.at(-1)?.until).toEqual(whole.until);
    parts.slice(1).forEach(({ from }, at) => expect(from).toEqual(parts[at]?.until));
  });

  it('are counted for each context', () => {
    const counts = countsOf(period('2030-01-01', '2030-01-03'));
    expect(counts.map(({ context }) => context)).toEqual(REPORT_CONTEXTS.flatMap((name) => [name, name]));
  });
});
