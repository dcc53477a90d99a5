import { spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fakeBinary, tempDirectory } from '../temp.fixture.js';
import { BinaryCache } from './binary.cache.js';
import { obtainBinary } from './binary.obtainer.js';
import { tryLock } from './obtain.lock.js';
import type { ObtainOutcome, ObtainWay } from './obtain.way.js';

const way = (name: string, obtain: (directory: string) => Promise<ObtainOutcome>): ObtainWay => ({
  name,
  obtain: ({ directory }) => obtain(directory),
});
const giving = (name: string, version: string) =>
  way(name, async (directory) => ({
    kind: 'obtained',
    path: await fakeBinary(join(directory, 'x', 'b'), version),
  }));
const refusing = (name: string, answer: string, checksum?: true) =>
  way(name, async () => ({ kind: 'refused', answer, ...(checksum && { checksum }) }));

describe('obtaining a binary', () => {
  let temp: Awaited<ReturnType<typeof tempDirectory>>;
  let cache: BinaryCache;
  beforeEach(async () => {
    temp = await tempDirectory();
    cache = new BinaryCache(join(temp.path, 'cache'), 'linux');
  });
  afterEach(() => temp.remove());

  const obtain = (...ways: ObtainWay[]) => obtainBinary({ cache, ways, onProgress: () => {}, tried: [] });

  it('takes the first way that succeeds and leaves nothing but the binary', async () => {
    const binary = await obtain(
      refusing('first', 'no'),
      giving('second', '2.15.3'),
      giving('third', '2.16.0'),
    );
    expect(binary).toEqual({
      path: cache.pathOf({ major: 2, minor: 15, patch: 3, preRelease: '' }),
      version: '2.15.3',
      way: 'second',
    });
    expect(await readFile(binary.path, 'utf8')).toContain('2.15.3');
    expect(await readdir(cache.directory)).toEqual(['2.15.3']);
    expect(await readdir(join(cache.directory, '2.15.3'))).toEqual(['nats-server']);
  });

  it('does not put in place what is too old or does not run', async () => {
    const broken = way('broken', async (directory) => {
      await writeFile(join(directory, 'b'), 'no program');
      return { kind: 'obtained', path: join(directory, 'b') };
    });
    const throwing = way('throwing', () => Promise.reject(new Error('disk full')));
    await expect(obtain(giving('old', '2.13.1'), broken, throwing)).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_FOUND',
      tried: [
        { way: 'old', answer: expect.stringMatching(/is 2\.13\.1, older than 2\.14\.0/) },
        { way: 'broken', answer: expect.stringMatching(/does not run/) },
        { way: 'throwing', answer: 'disk full' },
      ],
    });
    expect(await readdir(cache.directory)).toEqual([]);
  });

  it('has a code of its own for a refused checksum', async () => {
    await expect(obtain(refusing('release', 'wrong', true), refusing('other', 'no'))).rejects.toMatchObject({
      code: 'NATS_SERVER_CHECKSUM',
    });
  });

  it('waits for a living owner of the lock and uses its result', async () => {
    const lock = await tryLock(join(cache.directory, '.lock'));
    expect(await tryLock(join(cache.directory, '.lock'))).toBeUndefined();
    let waiting: () => void = () => {};
    const waits = new Promise<void>((resolve) => (waiting = resolve));
    const ways = [refusing('own', 'must not be tried')];
    const obtained = obtainBinary({ cache, ways, onProgress: () => waiting(), tried: [] });
    await waits;
    const staged = await fakeBinary(join(temp.path, 'staged'), '2.15.9');
    await cache.install(staged, { major: 2, minor: 15, patch: 9, preRelease: '' });
    expect(await obtained).toMatchObject({ version: '2.15.9', way: 'cache' });
    await lock?.release();
  });

  it('breaks the lock of a dead process and clears what it left', async () => {
    const { pid } = spawnSync('true');
    await mkdir(join(cache.directory, `.work-${pid}-abc`), { recursive: true });
    await writeFile(join(cache.directory, `.work-${pid}-abc`, 'half'), '…');
    await writeFile(join(cache.directory, '.lock'), JSON.stringify({ pid, host: hostname(), token: 't' }));
    expect(await obtain(giving('way', '2.15.3'))).toMatchObject({ way: 'way' });
    expect(await readdir(cache.directory)).toEqual(['2.15.3']);
  });

  it('breaks a lock whose owner has gone silent, on another machine for instance', async () => {
    const file = join(temp.path, 'lock');
    await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere', token: 't' }));
    expect(await tryLock(file)).toBeUndefined();
    expect(await tryLock(file, { heartbeatMs: 1_000, staleAfterMs: -1 })).toBeDefined();
  });

  it('does not remove a lock that has been taken over', async () => {
    const file = join(temp.path, 'lock');
    const first = await tryLock(file);
    const second = await tryLock(file, { heartbeatMs: 1_000, staleAfterMs: -1 });
    await first?.release();
    expect(await readdir(temp.path)).toContain('lock');
    await second?.release();
    expect(await readdir(temp.path)).not.toContain('lock');
  });

  it('reports an unwritable cache as one of the tried ways', async () => {
    await writeFile(join(temp.path, 'file'), '');
    cache = new BinaryCache(join(temp.path, 'file', 'cache'), 'linux');
    await expect(obtain(giving('way', '2.15.3'))).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_FOUND',
      tried: [{ way: 'download into the cache', answer: expect.stringMatching(/ENOTDIR/) }],
    });
  });
});
