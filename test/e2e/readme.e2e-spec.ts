import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NatsServer, startNatsServer } from '@millrace/nats-server';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The code under `<!-- example: name -->` in the README. */
const example = (name: string): string => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const code = new RegExp(`<!-- example: ${name} -->\\n\`\`\`ts\\n([^]*?)\`\`\``).exec(readme)?.[1];
  if (!code) throw new Error(`README.md has no example '${name}'`);
  return code;
};

/** Compiles an example as a reader would, inside the repository so that packages resolve. */
const compile = (name: string): string => {
  const folder = join(root, '.build', 'readme', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'main.ts'), example(name));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { composite: false },
      files: ['main.ts'],
    }),
  );
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    stdio: 'pipe',
  });
  return join(folder, 'main.js');
};

const outputOf = (child: ChildProcess): { text: string } => {
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output.text += String(chunk)));
  return output;
};

describe('the README', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  it.each([
    ['first', ['receipt for o-1: 1999 cents']],
    ['plugin', ['tracking p-12', 'ALARM tracker could not handle parcel.sent p-13: nobody tracks this one']],
  ])(
    'has an example, %s, that compiles, runs, does what it says and stops',
    async (name, lines) => {
      const child = spawn(process.execPath, [compile(name)], {
        env: { ...process.env, NATS_URL: server.url },
      });
      const output = outputOf(child);
      const exited = once(child, 'exit');
      try {
        const deadline = Date.now() + 20_000;
        while (!lines.every((line) => output.text.includes(line))) {
          if (Date.now() > deadline || child.exitCode !== null)
            throw new Error(`It printed:\n${output.text}`);
          await Promise.race([once(child.stdout, 'data'), exited]);
        }
        child.kill('SIGTERM');
        expect(await exited).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    },
    60_000,
  );

  it('names only scripts, packages and files that are there', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, script] of readme.matchAll(/npm run ([a-z:-]+)/g))
      expect(Object.keys(scripts)).toContain(script);
    for (const [, path = ''] of readme.matchAll(/\]\(((?:libs|apps|docs)[^)]*|CONTRIBUTING\.md)\)/g)) {
      expect([path, existsSync(join(root, path.split('#')[0]!))]).toEqual([path, true]);
    }
  });
});
