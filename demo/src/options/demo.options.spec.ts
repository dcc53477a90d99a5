import { DemoOptions, parseOptions, USAGE } from './demo.options.js';

const parse = (...args: string[]) => parseOptions(args, {});

const run = (...args: string[]): DemoOptions => {
  const parsed = parse(...args);
  if (parsed.kind !== 'run') throw new Error(`not run: ${JSON.stringify(parsed)}`);
  return parsed.options;
};

describe('the options of npm start', () => {
  it('run until stopped, with traffic, on free ports, where nothing is said', () => {
    expect(run()).toEqual({
      forMs: undefined,
      reportFile: undefined,
      infoFile: undefined,
      quiet: false,
      verbose: false,
      traffic: true,
      portBase: undefined,
      tickInterval: '1s',
      ordersFile: undefined,
      rejectsFile: undefined,
      store: undefined,
    });
  });

  it('keep the data of a file that is fed beside it, or where they say', () => {
    expect(run('--orders', 'sales.csv')).toMatchObject({ ordersFile: 'sales.csv', store: 'sales.csv.store' });
    expect(run('--orders', 'sales.csv', '--store', 'data', '--rejects', 'r.ndjson')).toMatchObject({
      store: 'data',
      rejectsFile: 'r.ndjson',
    });
    expect(run('--store', 'data')).toMatchObject({ store: 'data', ordersFile: undefined });
  });

  it.each([
    ['500ms', 500],
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
  ])('take %s as a time', (text, ms) => {
    expect(run('--for', text).forMs).toBe(ms);
    expect(run(`--for=${text}`).forMs).toBe(ms);
  });

  it('take files, flags and a port', () => {
    expect(
      run('--json', 'r.json', '--info', 'i.json', '--no-traffic', '--quiet', '--port-base', '3000'),
    ).toMatchObject({
      reportFile: 'r.json',
      infoFile: 'i.json',
      traffic: false,
      quiet: true,
      portBase: 3000,
    });
  });

  it('take the tick interval from the environment, an empty one as none', () => {
    expect(parseOptions([], { TICK_INTERVAL: '250ms' })).toMatchObject({
      options: { tickInterval: '250ms' },
    });
    expect(parseOptions([], { TICK_INTERVAL: '' })).toMatchObject({ options: { tickInterval: '1s' } });
  });

  it.each([
    [['--for', '20'], /20/],
    [['--for', '-1s'], /--for/],
    [['--for', '0s'], /0s/],
    [['--for', '5 minutes'], /5 minutes/],
    [['--for'], /--for/],
    [['--json'], /--json/],
    [['--json', ''], /--json/],
    [['--port-base', 'abc'], /abc/],
    [['--port-base', '0'], /port/],
    [['--port-base', '65534'], /65533/],
    [['--port-base', '0x10'], /0x10/],
    [['--orders', ''], /--orders/],
    [['--rejects', 'r.ndjson'], /--orders/],
    [['--store', ''], /--store/],
    [['--quiet', '--verbose'], /contradict/],
    [['--wat'], /--wat/],
    [['surplus'], /surplus/],
  ])('refuse %j and say why', (args, problem) => {
    expect(parse(...args)).toEqual({ kind: 'invalid', problem: expect.stringMatching(problem) });
  });

  it('describe every flag in the usage', () => {
    expect(parse('--help')).toEqual({ kind: 'help' });
    const flags = ['for', 'json', 'info', 'port-base', 'no-traffic', 'quiet', 'verbose', 'help'];
    for (const flag of [...flags, 'orders', 'rejects', 'store']) {
      expect(USAGE).toContain(`--${flag}`);
    }
  });
});
