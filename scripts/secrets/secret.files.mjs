import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeApiKey } from '../lib/api-key.mjs';
import { isSignedBy, makeAuthority, makeNodeCertificate } from './certificates.mjs';
import { hashPassword, makePassword, readHashes, writeHashes } from './passwords.mjs';

/** Every user of NATS; `deploy/nats/nats.conf` has each with `$NATS_<USER>_HASH`. */
export const USERS = /** @type {const} */ (['user', 'order', 'scheduler', 'admin', 'monitor']);

const NODES = ['nats-0', 'nats-1', 'nats-2'];
const SERVICE = 'nats.millrace.svc.cluster.local';
const POD_DOMAIN = 'nats-nodes.millrace.svc.cluster.local';

/** How nodes are reached: on this machine, in compose, and in the namespace `millrace` of Kubernetes. */
const HOSTS = [
  'localhost',
  '127.0.0.1',
  ...NODES,
  'nats',
  'nats.millrace',
  'nats.millrace.svc',
  SERVICE,
  ...NODES.map((node) => `${node}.${POD_DOMAIN}`),
];

// Containers run as users of their own and must be able to read what is mounted into them; the folder keeps everybody
// else of this machine out.
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o644;
const OWN_MODE = 0o600;

const bytes = () => randomBytes(32).toString('base64');

/**
 * Makes what is missing. What depends on something that is new is made anew too: the nodes' certificate with the
 * authority, a hash with its password.
 *
 * @param {{ folder: string, hosts?: readonly string[] }} options
 * @returns {Promise<string[]>} what was made
 */
export const makeSecrets = async ({ folder, hosts = [] }) => {
  const files = new Files(folder);
  await makeCertificates(files, [...HOSTS, ...hosts]);
  for (const user of USERS) files.ensure(`${user}/NATS_PASSWORD`, makePassword);
  await makeHashes(files);
  makeAppSecrets(files);
  return files.made;
};

/** @param {Files} files @param {readonly string[]} hosts */
const makeCertificates = async (files, hosts) => {
  if (!files.has('ca.pem') || !files.has('ca.key')) {
    const { certificate, key } = await makeAuthority();
    files.write('ca.pem', certificate);
    files.write('ca.key', key, OWN_MODE);
  }
  const authority = { certificate: files.read('ca.pem'), key: files.read('ca.key') };
  const isThere = files.has('nats.pem') && files.has('nats.key');
  if (isThere && isSignedBy(files.read('nats.pem'), authority.certificate)) return;
  const node = await makeNodeCertificate(authority, hosts);
  files.write('nats.pem', node.certificate);
  files.write('nats.key', node.key);
};

/** @param {Files} files */
const makeHashes = async (files) => {
  const known = files.has('nats.env') ? readHashes(files.read('nats.env')) : {};
  const hashes = await Promise.all(
    USERS.map(
      async (user) =>
        /** @type {const} */ ([user, await hashPassword(files.read(`${user}/NATS_PASSWORD`), known[user])]),
    ),
  );
  if (hashes.some(([user, hash]) => hash !== known[user])) files.write('nats.env', writeHashes(hashes));
};

/** @param {Files} files */
const makeAppSecrets = (files) => {
  // The same for all: what they exchange is encrypted with it.
  const encryption = files.ensure('user/ENCRYPTION_KEYS', () => `k1:${bytes()}`);
  for (const app of ['order', 'scheduler']) files.ensure(`${app}/ENCRYPTION_KEYS`, () => encryption);
  files.ensure('user/EMAIL_INDEX_KEY', bytes);
  if (files.has('API_KEYS')) return;
  const keys = [makeApiKey('operator', 'admin'), makeApiKey('shop', 'service')];
  files.write('API_KEYS', keys.map(({ entry }) => entry).join(','));
  files.write('operator.key', keys[0]?.key ?? '', OWN_MODE);
  files.write('shop.key', keys[1]?.key ?? '', OWN_MODE);
};

class Files {
  /** @type {string[]} */
  made = [];

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  }

  /** @param {string} name */
  has(name) {
    return existsSync(join(this.folder, name));
  }

  /** @param {string} name */
  read(name) {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** @param {string} name @param {string} text @param {number} [mode] */
  write(name, text, mode = FILE_MODE) {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, text, { mode: OWN_MODE });
    // Whatever the umask says: a mode that it took a bit off would keep the containers out.
    chmodSync(file, mode);
    this.made.push(name);
  }

  /** What is in a file, made if there is none. @param {string} name @param {() => string} make */
  ensure(name, make) {
    if (!this.has(name)) this.write(name, make());
    return this.read(name);
  }
}
