import { readOptions } from './drill.options.js';

describe('the options of the drill', () => {
  it('are both topologies for a minute unless they say otherwise', () => {
    expect(readOptions([])).toMatchObject({ seconds: 60, nodes: [1, 3], json: undefined });
    expect(readOptions(['--seconds', '20', '--seed', '7', '--nodes', '3', '--json', 'x.json'])).toEqual({
      seconds: 20,
      seed: 7,
      nodes: [3],
      json: 'x.json',
      keep: false,
      help: false,
    });
  });

  it.each([
    ['--seconds', '0'],
    ['--seed', 'seven'],
    ['--nodes', '2'],
    ['--speed', '1'],
  ])('refuse %s %s', (name, value) => {
    expect(() => readOptions([name, value])).toThrow(name);
  });
});
