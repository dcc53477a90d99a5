import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { thrownBy } from '../thrown.fixture.js';
import { toClientOptions } from './client-options.js';
import { NatsModuleOptions } from './nats-options.js';

const options = (more: Partial<NatsModuleOptions> = {}) => toClientOptions({ name: 'app', ...more });
const refusal = (more: Partial<NatsModuleOptions>): unknown => thrownBy(() => options(more));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const seed = (): string => Buffer.from(nkeys.createUser().getSeed()).toString();
const credentials = async (name: string): Promise<string> => {
  const path = join(directory, name);
  const text = (kind: string, body: string): string =>
    `-----BEGIN ${kind}-----\n${body}\n------END ${kind}------\n`;
  await writeFile(path, `${text('NATS USER JWT', `ey${name}`)}\n${text('USER NKEY SEED', seed())}`);
  return path;
};

it('reconnects for ever, without traces', () => {
  expect(options()).toMatchObject({
    name: 'app',
    servers: ['nats://127.0.0.1:4222'],
    maxReconnectAttempts: -1,
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
    timeout: 5000,
    pingInterval: 20_000,
  });
});

it.each([
  ['nats://a:1, nats://b:2', ['nats://a:1', 'nats://b:2']],
  ['nats://a:1,', ['nats://a:1']],
  [
    ['a:1', 'b:2'],
    ['a:1', 'b:2'],
  ],
])('reads the servers %j', (servers, expected) => {
  expect(options({ servers }).servers).toEqual(expected);
});

it.each(['', ' , ', []])('refuses to guess at servers that are empty: %j', (servers) => {
  expect(refusal({ servers })).toMatchObject({ code: 'CONFIG_INVALID' });
});

it('refuses credentials in an address, which the client would drop, and does not repeat them', () => {
  const error = refusal({ servers: 'nats://me:hunter2@127.0.0.1:4222' });
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(String(error)).not.toMatch(/hunter2|me:/);
});

it('shortens one attempt to the time there is', () => {
  expect(options({ connectTimeout: '300ms' }).timeout).toBe(300);
  expect(options({ pingInterval: '1s', inboxPrefix: '_INBOX_app' })).toMatchObject({
    pingInterval: 1000,
    inboxPrefix: '_INBOX_app',
  });
  expect(refusal({ connectTimeout: 'soon' as '1s' })).toMatchObject({
    code: 'DURATION_INVALID',
    details: { what: 'connectTimeout' },
  });
});

it.each([0, -1, 1.5, Number.NaN])(
  'refuses a window of %p, through which nothing would pass',
  (maxInFlight) => {
    expect(refusal({ publish: { maxInFlight } })).toMatchObject({ code: 'CONFIG_INVALID' });
  },
);

it('refuses an application without a name', () => {
  expect(refusal({ name: '' })).toMatchObject({ code: 'CONFIG_INVALID' });
});

describe('authentication', () => {
  it('takes each way', async () => {
    expect(options({ user: 'u', password: 'p' })).toMatchObject({ user: 'u', pass: 'p' });
    expect(options({ user: 'u' })).not.toHaveProperty('pass');
    expect(options({ token: 't' })).toMatchObject({ token: 't' });
    expect(options({ nkey: seed() }).authenticator).toBeInstanceOf(Function);
    expect(options({ credentialsFile: await credentials('app.creds') }).authenticator).toBeInstanceOf(
      Function,
    );
    expect(options()).not.toHaveProperty('authenticator');
  });

  it.each<Partial<NatsModuleOptions>>([
    { user: 'u', token: 't' },
    { token: 't', nkey: 'SU' },
    { nkey: 'SU', credentialsFile: '/none' },
    { user: 'u', password: 'p', credentialsFile: '/none' },
  ])('refuses two ways at once: %j', (more) => {
    expect(refusal(more)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('together'),
    });
  });

  it('refuses a password without a user', () => {
    expect(refusal({ password: 'p' })).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(refusal({ password: 'p', token: 't' })).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('refuses a seed that is none at once, and does not repeat it', async () => {
    const error = refusal({ nkey: 'SUSECRET' });
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('nkey') });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('SUSECRET');
    const path = join(directory, 'bad.creds');
    await writeFile(path, 'no credentials');
    expect(refusal({ credentialsFile: path })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('credentialsFile'),
    });
  });

  it('refuses a credentials file that cannot be read', () => {
    expect(refusal({ credentialsFile: join(directory, 'none') })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('reads a rotated credentials file again for the next connection', async () => {
    const path = await credentials('rotating');
    const { authenticator } = options({ credentialsFile: path });
    const sign = authenticator as unknown as (nonce: string) => { jwt: string };
    expect(sign('n').jwt).toBe('eyrotating');
    await writeFile(path, (await import('node:fs')).readFileSync(await credentials('rotated')));
    expect(sign('n').jwt).toBe('eyrotated');
  });
});

describe('TLS', () => {
  it('passes files and text on', async () => {
    const caFile = join(directory, 'ca.pem');
    await writeFile(caFile, 'pem');
    expect(options({ tls: { caFile, cert: 'c', key: 'k' } }).tls).toEqual({ caFile, cert: 'c', key: 'k' });
    expect(options({ tls: { handshakeFirst: true } }).tls).toEqual({ handshakeFirst: true });
    expect(options()).not.toHaveProperty('tls');
  });

  it.each(['caFile', 'certFile', 'keyFile'] as const)('refuses a %s that cannot be read', (name) => {
    expect(refusal({ tls: { [name]: join(directory, 'none') } })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`tls.${name}`),
    });
  });

  it('refuses a certificate without its key', () => {
    expect(refusal({ tls: { cert: 'c' } })).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(refusal({ tls: { key: 'k' } })).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
