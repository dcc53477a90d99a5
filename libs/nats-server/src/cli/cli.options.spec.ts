import { parseCommand } from './cli.options.js';

describe('parseCommand', () => {
  it('has defaults', () => {
    expect(parseCommand([])).toMatchObject({
      kind: 'run',
      options: { port: 4222, monitoringPort: 0, clusterSize: undefined, log: false },
    });
  });

  it('reads the flags', () => {
    const command = parseCommand([
      '--port',
      '0',
      '--store',
      './data',
      '--cluster=3',
      '--monitor-port',
      '8222',
      '--debug',
    ]);
    expect(command).toMatchObject({
      kind: 'run',
      options: { port: 0, storeDir: './data', clusterSize: 3, monitoringPort: 8222, log: true, debug: true },
    });
  });

  it.each([
    [['--prot', '1'], /--prot/],
    [['--port'], /--port/],
    [['--port', 'abc'], /--port must be a whole number from 0 to 65535, not 'abc'/],
    [['--port', '70000'], /not '70000'/],
    [['--cluster', '0'], /--cluster must be a whole number from 1/],
    [['data'], /data/],
  ])('refuses %j', (args, problem) => {
    const command = parseCommand(args);
    expect(command).toEqual({ kind: 'usage-error', problem: expect.stringMatching(problem) });
  });

  it('knows the commands that only print', () => {
    expect(parseCommand(['-h'])).toEqual({ kind: 'help' });
    expect(parseCommand(['--version']).kind).toBe('version');
    expect(parseCommand(['--print-path', '--binary', '/b'])).toEqual({ kind: 'print-path', binary: '/b' });
  });
});
