import { readdir, stat } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { join } from 'node:path';
import { runProgram } from '../child.fixture.js';
import { fakeBinary, tempDirectory } from '../temp.fixture.js';
import { resolveBinary, resolveNatsServer } from './binary.resolver.js';

const steps = (lines: readonly string[], pattern: RegExp) =>
  lines.filter((line) => pattern.test(line)).length;

describe('obtaining a real nats-server into a fresh cache', () => {
  let temp: Awaited<ReturnType<typeof tempDirectory>>;
  beforeEach(async () => {
    temp = await tempDirectory();
  });
  afterEach(() => temp.remove());
  const toolsOnly = { PATH: '/usr/bin:/bin', NATS_SERVER_BIN: '' };

  it('works, and the next call finds it in the cache', async () => {
    const env = { ...process.env, ...toolsOnly, PATH: temp.path, MILLRACE_CACHE_DIR: temp.path };
    const messages: string[] = [];
    const obtained = await resolveNatsServer({ env, onProgress: ({ message }) => messages.push(message) });
    expect((await stat(obtained.path)).size).toBeGreaterThan(5_000_000);
    expect(obtained.path.startsWith(join(temp.path, 'millrace', 'nats-server', obtained.version))).toBe(true);
    expect(messages).toContain('unpacking');
    expect(await resolveNatsServer({ env, obtain: false })).toEqual({ ...obtained, way: 'cache' });
    expect(await readdir(join(temp.path, 'millrace', 'nats-server'))).toEqual([obtained.version]);
  }, 180_000);

  it('lets one of four processes work while three use its result', async () => {
    const env = { ...toolsOnly, MILLRACE_CACHE_DIR: temp.path };
    const programs = [1, 2, 3, 4].map(() => runProgram('fixtures/obtain.mjs', [], env));
    const results = await Promise.all(
      programs.map(async (program) => {
        const found: unknown = JSON.parse(await program.line(/^\{"binary"/));
        return { found, exit: await program.exited };
      }),
    );
    const first = results[0];
    for (const { found, exit } of results) {
      expect(exit.code).toBe(0);
      expect(found).toMatchObject({ binary: { path: expect.stringContaining(temp.path) } });
    }
    expect(first).toBeDefined();
    const lines = programs.flatMap((program) => program.lines);
    expect(steps(lines, /"unpacking"/)).toBe(1);
    expect(steps(lines, /waiting for another process/)).toBe(3);
    expect(steps(lines, /"way":"cache","message"|"way":"cache"\}/)).toBeGreaterThanOrEqual(3);
  }, 180_000);

  it('leaves nothing usable when it is killed half-way, and the next attempt clears the rest', async () => {
    const half = createServer((_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 }).write(Buffer.alloc(500_000));
    });
    const url = await listen(half);
    const env = { ...toolsOnly, MILLRACE_CACHE_DIR: temp.path, MILLRACE_NATS_RELEASE_URL: url };
    const program = runProgram('fixtures/obtain.mjs', [], env);
    await program.line(/"receivedBytes":500000/);
    program.child.kill('SIGKILL');
    expect((await program.exited).signal).toBe('SIGKILL');
    half.closeAllConnections();
    half.close();

    const cache = join(temp.path, 'millrace', 'nats-server');
    expect((await readdir(cache)).some((name) => name.startsWith('.work-'))).toBe(true);
    const bare = { PATH: temp.path, MILLRACE_CACHE_DIR: temp.path };
    await expect(resolveNatsServer({ env: bare, obtain: false })).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_FOUND',
    });
    const way = {
      name: 'way',
      obtain: async ({ directory }: { directory: string }) => {
        const path = await fakeBinary(join(directory, 'b'), '2.15.0');
        return { kind: 'obtained', path } as const;
      },
    };
    expect(await resolveBinary({ env: bare }, [way])).toMatchObject({ way: 'way' });
    expect(await readdir(cache)).toEqual(['2.15.0']);
  }, 60_000);
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
