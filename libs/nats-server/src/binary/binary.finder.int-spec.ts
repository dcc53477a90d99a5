import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { NatsServerError } from '../nats-server.error.js';
import { fakeBinary, tempDirectory } from '../temp.fixture.js';
import { resolveBinary, resolveNatsServer } from './binary.resolver.js';

describe('finding a binary', () => {
  let temp: Awaited<ReturnType<typeof tempDirectory>>;
  const at = (path: string) => join(temp.path, path);
  beforeAll(async () => {
    temp = await tempDirectory();
    await fakeBinary(at('old/nats-server'), '2.9.10');
    await fakeBinary(at('new/nats-server'), '2.15.1');
    await fakeBinary(at('env/nats-server'), '2.14.3');
    await fakeBinary(at('full/millrace/nats-server/2.14.2/nats-server'), '2.14.2');
    await fakeBinary(at('full/millrace/nats-server/2.15.0/nats-server'), '2.15.0');
    await fakeBinary(at('full/millrace/nats-server/2.9.9/nats-server'), '2.9.9');
  });
  afterAll(() => temp.remove());

  const env = (path: string[], rest = {}) => ({
    PATH: path.map(at).join(delimiter),
    MILLRACE_CACHE_DIR: at('empty'),
    ...rest,
  });

  it('prefers the option to everything', async () => {
    const options = {
      binary: at('new/nats-server'),
      env: env(['env'], { NATS_SERVER_BIN: at('env/nats-server') }),
    };
    expect(await resolveNatsServer(options)).toEqual({
      path: at('new/nats-server'),
      version: '2.15.1',
      way: 'binary option',
    });
  });

  it('prefers NATS_SERVER_BIN to PATH', async () => {
    const found = await resolveNatsServer({ env: env(['new'], { NATS_SERVER_BIN: at('env/nats-server') }) });
    expect(found).toMatchObject({ path: at('env/nats-server'), way: 'NATS_SERVER_BIN' });
  });

  it('passes over a PATH entry that is too old, to a newer one and to the cache', async () => {
    expect(await resolveNatsServer({ env: env(['old', 'new']) })).toMatchObject({
      version: '2.15.1',
      way: 'PATH',
    });
    const cached = await resolveNatsServer({ env: env(['old'], { MILLRACE_CACHE_DIR: at('full') }) });
    expect(cached).toMatchObject({ version: '2.15.0', way: 'cache' });
  });

  it('passes over a cached binary that does not run', async () => {
    const broken = at('damaged/millrace/nats-server/2.16.0/nats-server');
    await mkdir(join(broken, '..'), { recursive: true });
    await writeFile(broken, 'half a binary');
    await chmod(broken, 0o755);
    const good = await fakeBinary(at('damaged/millrace/nats-server/2.14.1/nats-server'), '2.14.1');
    const found = await resolveNatsServer({ env: env([], { MILLRACE_CACHE_DIR: at('damaged') }) });
    expect(found).toMatchObject({ path: good, way: 'cache' });
  });

  it('names the too old binary and every other way when nothing is left', async () => {
    const refusing = {
      name: 'a download',
      obtain: async () => ({ kind: 'refused', answer: 'no network' }) as const,
    };
    const failure = await resolveBinary({ env: env(['old']) }, [refusing]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NatsServerError);
    expect(failure).toMatchObject({
      code: 'NATS_SERVER_NOT_FOUND',
      tried: [
        { way: 'binary option', answer: 'not given' },
        { way: 'NATS_SERVER_BIN', answer: 'not set' },
        { way: 'PATH', answer: `${at('old/nats-server')} is 2.9.10, older than 2.14.0` },
        { way: 'cache', answer: `nothing in ${at('empty/millrace/nats-server')}` },
        { way: 'a download', answer: 'no network' },
      ],
    });
  });

  it('refuses an explicit binary that is too old, absent or something else, rather than use another', async () => {
    const refusal = (binary: string) =>
      resolveNatsServer({ binary, env: env(['new']) }).catch((error: unknown) => error);
    expect(await refusal(at('old/nats-server'))).toMatchObject({ code: 'NATS_SERVER_TOO_OLD' });
    expect(await refusal(at('none'))).toMatchObject({
      code: 'NATS_SERVER_NOT_FOUND',
      tried: [{ way: 'binary option', answer: `no file at ${at('none')}` }],
    });
    expect(await refusal('/bin/echo')).toMatchObject({
      tried: [{ way: 'binary option', answer: expect.stringContaining('is not a nats-server') }],
    });
  });

  it('downloads nothing with obtain: false', async () => {
    await expect(resolveNatsServer({ obtain: false, env: env([]) })).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_FOUND',
      tried: expect.arrayContaining([{ way: 'PATH', answer: 'no nats-server on PATH' }]),
    });
  });
});
