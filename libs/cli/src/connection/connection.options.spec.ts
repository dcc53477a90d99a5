import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Flags } from '../flags.js';
import { connectionOptions } from './connection.options.js';
import { readServers } from './server.url.js';

const options = (flags: Record<string, unknown>, env: Record<string, string> = {}): object =>
  connectionOptions(new Flags(flags), env);

describe('the connection of the command', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-'));
    mkdirSync(join(folder, 'nats', 'context'), { recursive: true });
    const saved = { url: 'nats://saved', creds: '/saved.creds', ca: '/ca.pem', inbox_prefix: '_I.me' };
    writeFileSync(join(folder, 'nats', 'context', 'prod.json'), JSON.stringify(saved));
    writeFileSync(join(folder, 'seed.nk'), `# mine\n\nSUAEXAMPLE\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is to this machine where nothing is said', () =>
    expect(options({})).toEqual({ name: 'millrace-cli', connectTimeout: '5s', requestTimeout: '5s' }));

  it('is as the flags say, then the environment, then the context', () => {
    const env = { XDG_CONFIG_HOME: folder, NATS_CONTEXT: 'prod', NATS_URL: 'nats://env', NATS_TIMEOUT: '2s' };
    expect(options({ server: 'nats://flag' }, env)).toMatchObject({
      servers: 'nats://flag',
      connectTimeout: '2s',
      credentialsFile: '/saved.creds',
      tls: { caFile: '/ca.pem' },
      inboxPrefix: '_I.me',
    });
    expect(options({}, env)).toMatchObject({ servers: 'nats://env' });
  });

  it('takes who authenticates from one source as a whole', () => {
    const env = { XDG_CONFIG_HOME: folder, NATS_CONTEXT: 'prod', NATS_USER: 'env', NATS_PASSWORD: 'p' };
    expect(options({ token: 't' }, env)).toEqual(
      expect.not.objectContaining({ user: 'env', credentialsFile: expect.anything() }),
    );
    expect(options({}, env)).toMatchObject({ user: 'env', password: 'p' });
    expect(options({}, env)).not.toHaveProperty('credentialsFile');
  });

  it('reads a seed among comments, and counts an empty variable as none', () => {
    expect(options({ nkey: join(folder, 'seed.nk') }, { NATS_USER: '' })).toMatchObject({
      nkey: 'SUAEXAMPLE',
    });
    expect(options({}, { NATS_USER: '' })).not.toHaveProperty('user');
  });

  it('says what is wrong with a context', () =>
    expect(() => options({ natsContext: 'none' }, { XDG_CONFIG_HOME: folder })).toThrow("context 'none'"));

  it.each([
    ['nats://a:4222,nats://b', { servers: 'nats://a:4222,nats://b' }],
    ['nats://u:p%40ss@a', { servers: 'nats://a', user: 'u', password: 'p@ss' }],
    ['secret@a:4222', { servers: 'a:4222', token: 'secret' }],
    ['tls://u:p@a, tls://u:p@b', { servers: 'tls://a,tls://b', user: 'u', password: 'p' }],
  ])('reads the servers %p', (list, expected) => expect(readServers(list)).toEqual(expected));
});
