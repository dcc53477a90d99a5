import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from 'bcryptjs';
import { ApiKeys } from '../../apps/shared/src/security/api-keys.js';
import { readHashes } from './passwords.mjs';
import { makeSecrets, USERS } from './secret.files.mjs';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const remove = (...names: string[]): void => names.forEach((name) => unlinkSync(join(folder, name)));
const certificate = (): X509Certificate => new X509Certificate(read('nats.pem'));

it('makes what is missing, and leaves alone what is there', async () => {
  expect((await makeSecrets({ folder })).length).toBeGreaterThan(10);
  expect(await makeSecrets({ folder })).toEqual([]);
}, 60_000);

it('makes a certificate for every way to reach a node, which the authority signed', async () => {
  await makeSecrets({ folder, hosts: ['nats.example.org', '192.0.2.7'] });
  const own = ['localhost', 'nats-0', 'nats-2', 'nats-1.nats-nodes.millrace.svc.cluster.local'];
  for (const host of [...own, 'nats.example.org']) expect(certificate().checkHost(host)).toBe(host);
  for (const address of ['127.0.0.1', '192.0.2.7']) expect(certificate().checkIP(address)).toBe(address);
  expect(certificate().checkHost('elsewhere.example.org')).toBeUndefined();
  expect(certificate().verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true);
  expect(certificate().ca).toBe(false);
}, 60_000);

it('hashes every password so that nats-server takes it for a hash', async () => {
  await makeSecrets({ folder });
  const hashes = readHashes(read('nats.env'));
  expect(Object.keys(hashes)).toEqual([...USERS]);
  for (const user of USERS) {
    expect(hashes[user]).toMatch(/^\$2a\$/);
    expect(await compare(read(`${user}/NATS_PASSWORD`), hashes[user]!)).toBe(true);
  }
  expect(new Set(USERS.map((user) => read(`${user}/NATS_PASSWORD`))).size).toBe(USERS.length);
}, 60_000);

it('makes anew what depends on what was deleted, and nothing else', async () => {
  await makeSecrets({ folder });
  const before = readHashes(read('nats.env'));
  remove('order/NATS_PASSWORD');
  expect(await makeSecrets({ folder })).toEqual(['order/NATS_PASSWORD', 'nats.env']);
  const { order, ...others } = readHashes(read('nats.env'));
  expect(order).not.toBe(before['order']);
  expect(before).toMatchObject(others);

  remove('ca.pem');
  expect(await makeSecrets({ folder })).toEqual(['ca.pem', 'ca.key', 'nats.pem', 'nats.key']);
  expect(certificate().verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true);
}, 60_000);

it('gives all apps the one encryption key, and API keys of which they know only hashes', async () => {
  await makeSecrets({ folder });
  for (const app of ['order', 'scheduler']) {
    expect(read(`${app}/ENCRYPTION_KEYS`)).toBe(read('user/ENCRYPTION_KEYS'));
  }
  const keys = ApiKeys.parse(read('API_KEYS'));
  expect(keys.find(read('operator.key'))).toMatchObject({ name: 'operator', scopes: ['admin'] });
  expect(keys.find(read('shop.key'))).toMatchObject({ name: 'shop', scopes: ['service'] });
}, 60_000);

it('lets containers read what is mounted, and nobody else of this machine come near', async () => {
  const old = process.umask(0o077);
  try {
    await makeSecrets({ folder: join(folder, 'new') });
  } finally {
    process.umask(old);
  }
  const mode = (name: string): number => statSync(join(folder, 'new', name)).mode & 0o777;
  expect([mode('.'), mode('user/NATS_PASSWORD'), mode('ca.key'), mode('operator.key')]).toEqual([
    0o700, 0o644, 0o600, 0o600,
  ]);
}, 60_000);
