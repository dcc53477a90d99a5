import { Ended, runInside } from './cli.fixture.js';

const run = (...args: string[]): Promise<Ended> => runInside(args, {});

describe('the command line', () => {
  it.each([
    [['dead-letters', 'ls', '--bogus'], 'unknown option'],
    [['letters'], 'unknown command'],
    [['dead-letters', 'show'], 'missing required argument'],
    [['dead-letters', 'ls', '--timeout', 'soon'], 'DURATION_INVALID'],
    [['dead-letters', 'ls', '--user', 'u', '--token', 't'], 'given together'],
    [['dead-letters', 'ls', '--nkey', '/nowhere'], 'nkey file cannot be read'],
    [['dead-letters', 'ls', '--nats-context', '../x'], "context '../x'"],
  ])('refuses %j, and says why', async (args, said) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });

  it('tells errors to programs as JSON', async () => {
    const { code, err } = await run('dl', 'ls', '--json', '-s', 'nats://127.0.0.1:1', '--timeout', '300ms');
    expect(code).toBe(3);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'CONNECTION_FAILED', remedy: expect.any(String) },
    });
  });

  it('helps', async () => {
    const { code, out } = await run('dead-letters', 'replay', '--help');
    expect([code, out]).toEqual([0, expect.stringContaining('--dry-run')]);
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
