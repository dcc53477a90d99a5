import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimStore } from './store.claim.js';

describe('the claim on a store', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-store-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps others out until it is given back', async () => {
    const store = join(folder, 'new', 'store');
    const claim = await claimStore(store, 1000);
    await expect(claimStore(store, 0)).rejects.toThrow(`is in use by process ${process.pid}`);
    claim.release();
    expect(readdirSync(store)).toEqual([]);
    (await claimStore(store, 0)).release();
  });

  it('waits for the server that a killed runner has left, and takes over when it has ended', async () => {
    const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(server, 'spawn');
    const claim = await claimStore(folder, 0);
    claim.share(server.pid!);
    // As after a kill: the runner is gone, its server is not.
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    writeFileSync(join(folder, 'in-use.json'), JSON.stringify([gone.pid, server.pid]));
    await expect(claimStore(folder, 200)).rejects.toThrow(`process ${server.pid!};`);
    const waiting = claimStore(folder, 10_000);
    server.kill('SIGKILL');
    (await waiting).release();
    expect(existsSync(join(folder, 'in-use.json'))).toBe(false);
  });

  it('does not stumble over a claim that a crash has cut off', async () => {
    writeFileSync(join(folder, 'in-use.json'), '[12');
    (await claimStore(folder, 1000)).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
