import { thrownBy } from '../storage.fixture.js';
import { resolveFilter } from './key.filter.js';

const KEYS = ['eu', 'eu.', 'eu.ann', 'eu.west.ann', 'us.ann', 'euro.ann', '*', 'eu.*', ''];

describe('resolveFilter', () => {
  it.each([
    [undefined, KEYS],
    ['>', KEYS],
    ['eu.*', ['eu.', 'eu.ann', 'eu.*']],
    ['eu.>', ['eu.', 'eu.ann', 'eu.west.ann', 'eu.*']],
    ['*.ann', ['eu.ann', 'us.ann', 'euro.ann']],
    ['*', ['eu', '*', '']],
    ['*.*.ann', ['eu.west.ann']],
    ['eu.ann', ['eu.ann']],
    ['', ['']],
    ['e*', []],
  ])('%p wants these keys and no others', (pattern, wanted) => {
    expect(KEYS.filter((key) => resolveFilter(pattern).matches(key))).toEqual(wanted);
  });

  it('asks a function', () => {
    const { exact, matches } = resolveFilter((key) => key.startsWith('eu/'));
    expect(exact).toBeUndefined();
    expect([matches('eu/ann'), matches('us/ann')]).toEqual([true, false]);
  });

  it('tells the one key that a pattern without wildcards wants', () => {
    expect(resolveFilter('eu.ann').exact).toBe('eu.ann');
    expect(resolveFilter('eu.*').exact).toBeUndefined();
  });

  it('refuses a > that is not the last word', () => {
    expect(thrownBy(() => resolveFilter('eu.>.ann'))).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
