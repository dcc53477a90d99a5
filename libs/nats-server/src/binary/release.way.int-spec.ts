import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type RequestListener, type Server, createServer } from 'node:http';
import { join } from 'node:path';
import { fakeBinary, tempDirectory } from '../temp.fixture.js';
import type { ObtainProgress } from './obtain.progress.js';
import { releaseWay } from './release.way.js';

describe('the official release', () => {
  const archive = 'nats-server-v2.15.0-linux-amd64.tar.gz';
  let temp: Awaited<ReturnType<typeof tempDirectory>>;
  let content: Buffer;
  let server: Server;
  let baseUrl: string;
  let answer: RequestListener;

  beforeAll(async () => {
    temp = await tempDirectory();
    const name = 'nats-server-v2.15.0-linux-amd64';
    await fakeBinary(join(temp.path, name, 'nats-server'), '2.15.0');
    execFileSync('tar', ['-czf', join(temp.path, archive), '-C', temp.path, name]);
    content = await readFile(join(temp.path, archive));
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await temp.remove();
  });

  async function obtain(sha256: string) {
    const work = await tempDirectory();
    const steps: ObtainProgress[] = [];
    const way = releaseWay({
      platform: { os: 'linux', arch: 'x64' },
      baseUrl,
      pins: { 'linux-x64': { archive, sha256 } },
      idleTimeoutMs: 300,
    });
    const outcome = await way.obtain({ directory: work.path, onProgress: (step) => steps.push(step) });
    const binary = outcome.kind === 'obtained' ? await readFile(outcome.path, 'utf8') : undefined;
    await work.remove();
    return { outcome, steps, binary };
  }
  const right = () => createHash('sha256').update(content).digest('hex');

  it('downloads, verifies and unpacks it, reporting bytes', async () => {
    const paths: (string | undefined)[] = [];
    answer = (request, response) => {
      paths.push(request.url);
      response.setHeader('content-length', content.length).end(content);
    };
    const { outcome, binary, steps } = await obtain(right());
    expect(outcome.kind).toBe('obtained');
    expect(binary).toContain('nats-server: v2.15.0');
    expect(paths).toEqual([`/v2.15.0/${archive}`]);
    expect(steps).toContainEqual(
      expect.objectContaining({ receivedBytes: content.length, totalBytes: content.length }),
    );
  });

  it('refuses an archive without the pinned checksum and does not unpack it', async () => {
    answer = (_, response) => response.end(content);
    const { outcome, steps } = await obtain('0'.repeat(64));
    expect(outcome).toMatchObject({
      kind: 'refused',
      checksum: true,
      answer: expect.stringContaining(right()),
    });
    expect(steps.map(({ message }) => message)).not.toContain('unpacking');
  });

  it('refuses one that was cut short', async () => {
    answer = (_, response) => {
      response.setHeader('content-length', content.length).write(content.subarray(0, 50));
      setImmediate(() => response.destroy());
    };
    expect((await obtain(right())).outcome).toMatchObject({
      kind: 'refused',
      answer: expect.stringContaining('failed'),
    });
  });

  it('gives up on a sender that falls silent', async () => {
    answer = (_, response) => void response.write(content.subarray(0, 50));
    expect((await obtain(right())).outcome).toMatchObject({
      answer: expect.stringContaining('nothing received for 300 ms'),
    });
  });

  it('reports a status other than 200 and a refused connection', async () => {
    answer = (_, response) => response.writeHead(404).end();
    expect((await obtain(right())).outcome).toMatchObject({ answer: expect.stringContaining('HTTP 404') });
    baseUrl = 'http://127.0.0.1:1';
    expect((await obtain(right())).outcome).toMatchObject({
      answer: expect.stringMatching(/ECONNREFUSED|bad port/),
    });
  });
});
