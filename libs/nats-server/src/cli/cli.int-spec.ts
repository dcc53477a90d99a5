import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessAlive } from '../binary/process.probe.js';
import { runProgram, until } from '../child.fixture.js';
import { request } from '../raw-client.fixture.js';
import { tempDirectory } from '../temp.fixture.js';

const COMMAND = 'bin/millrace-nats.js';

describe('millrace-nats', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'runs a server until %s',
    async (signal) => {
      const temp = await tempDirectory();
      const program = runProgram(COMMAND, ['--port', '0', '--store', join(temp.path, 'data')]);
      const url = await program.line(/^nats:\/\/127\.0\.0\.1:\d+$/);
      expect(await request(url, '$JS.API.INFO')).toMatchObject({ streams: 0 });
      program.child.kill(signal);
      expect(await program.exited).toEqual({ code: 0, signal: null });
      await expect(request(url, '$JS.API.INFO')).rejects.toThrow(/ECONNREFUSED/);
      expect(existsSync(join(temp.path, 'data', 'jetstream'))).toBe(true);
      await temp.remove();
    },
    60_000,
  );

  it('runs a cluster', async () => {
    const program = runProgram(COMMAND, ['--port', '0', '--cluster', '3', '--name', 'cli']);
    const urls = await program.line(/^nats:.*,nats:.*,nats:/);
    expect(urls.split(',')).toHaveLength(3);
    program.child.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 0, signal: null });
  }, 60_000);

  it('fails when the server dies by itself', async () => {
    const program = runProgram(COMMAND, ['--port', '0', '--log']);
    await program.line(/^nats:\/\//);
    await until('the log', () => program.errors.some((line) => /^\[\d+\]/.test(line)));
    const pid = Number(/^\[(\d+)\]/.exec(program.errors.find((line) => /^\[\d+\]/.test(line)) ?? '')?.[1]);
    expect(isProcessAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    expect((await program.exited).code).toBe(1);
    expect(program.errors.join('\n')).toContain(`nats-server ${pid} ended by itself (SIGKILL)`);
  }, 60_000);

  it('prints usage and fails with 2 on a bad flag', async () => {
    const program = runProgram(COMMAND, ['--prot', '4222']);
    expect((await program.exited).code).toBe(2);
    expect(program.errors.join('\n')).toMatch(/--prot[^]*Usage: millrace-nats/);
  });

  it('prints the path, the versions and the help', async () => {
    const path = runProgram(COMMAND, ['--print-path']);
    expect((await path.exited).code).toBe(0);
    expect(existsSync(path.lines[0] ?? '')).toBe(true);
    const version = runProgram(COMMAND, ['--version']);
    await version.exited;
    expect(version.lines).toEqual([
      expect.stringMatching(/^millrace-nats \d+\.\d+\.\d+, nats-server \d+\.\d+\.\d+$/),
    ]);
    const help = runProgram(COMMAND, ['--help']);
    expect((await help.exited).code).toBe(0);
    expect(help.lines[0]).toBe('Usage: millrace-nats [options]');
  }, 60_000);

  it('fails with 1 and the ways tried when there is no server to run', async () => {
    const program = runProgram(COMMAND, ['--binary', '/no/such/nats-server']);
    expect((await program.exited).code).toBe(1);
    expect(program.errors.join('\n')).toMatch(/binary option: no file at \/no\/such\/nats-server/);
  });
});
