import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isProcessAlive } from '../binary/process.probe.js';
import { type Program, runProgram, until } from '../child.fixture.js';
import { tempDirectory } from '../temp.fixture.js';

interface Held {
  readonly pid: number;
  readonly runDir: string;
}

async function heldBy(program: Program): Promise<Held> {
  const held: unknown = JSON.parse(await program.line(/^\{"pid"/));
  if (typeof held !== 'object' || held === null || !('pid' in held) || !('storeDir' in held))
    throw new Error('no server');
  return { pid: Number(held.pid), runDir: dirname(String(held.storeDir)) };
}

async function expectGone({ pid, runDir }: Held, withinMs: number): Promise<void> {
  await until(`server ${pid} to be gone`, () => !isProcessAlive(pid), withinMs);
  await until(`${runDir} to be removed`, () => !existsSync(runDir), withinMs);
}

describe.each(['sh', 'node'] as const)('a server under the %s supervisor', (supervisor) => {
  const hold = (options = {}) =>
    runProgram('fixtures/hold-server.mjs', [JSON.stringify({ supervisor, ...options })]);

  it('ends, cleanly, when its parent is killed', async () => {
    const temp = await tempDirectory();
    const logFile = join(temp.path, 'server.log');
    const program = hold({ logFile });
    const held = await heldBy(program);
    expect(isProcessAlive(held.pid)).toBe(true);
    program.child.kill('SIGKILL');
    await expectGone(held, 3_000);
    expect(await readFile(logFile, 'utf8')).toMatch(/Server Exiting/);
    await temp.remove();
  });

  it('ends when its parent is killed while it is itself stopped', async () => {
    const program = hold({ stopTimeoutMs: 1_000 });
    const held = await heldBy(program);
    process.kill(held.pid, 'SIGSTOP');
    program.child.kill('SIGKILL');
    await expectGone(held, 5_000);
  });

  it('ends with an uncaught exception of its parent, whose exit it does not change', async () => {
    const program = hold();
    const held = await heldBy(program);
    program.child.stdin?.write('throw\n');
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.errors.join('\n')).toMatch(/uncaught on purpose/);
    await expectGone(held, 3_000);
  });

  it('ends with process.exit of its parent', async () => {
    const program = hold();
    const held = await heldBy(program);
    program.child.stdin?.write('exit\n');
    expect(await program.exited).toEqual({ code: 3, signal: null });
    await expectGone(held, 3_000);
  });
});

it('does not keep a program alive that forgot it', async () => {
  const program = runProgram('fixtures/end-naturally.mjs');
  const held = await heldBy(program);
  expect(await program.exited).toEqual({ code: 0, signal: null });
  await expectGone(held, 3_000);
});

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('ends when its supervisor is killed', async () => {
  const program = runProgram('fixtures/hold-server.mjs');
  const held = await heldBy(program);
  const status = await readFile(`/proc/${held.pid}/status`, 'utf8');
  process.kill(Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]), 'SIGKILL');
  await until('the server to be gone', () => !isProcessAlive(held.pid), 3_000);
  program.child.kill('SIGKILL');
  await rm(held.runDir, { recursive: true });
});
