import { readFileSync, statSync } from 'node:fs';
import { errorMessage } from '../errors/error-text.js';
import { configInvalid } from '../errors/millrace.error.js';

export interface EncryptionKey {
  /** Stored beside what it encrypts. No secret. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** Where keys come from. Both are asked for every property, so an answer must be at hand. */
export interface KeyProvider {
  /** The key that is encrypted with from now on. */
  current(): EncryptionKey;
  /** The key of this id; `undefined` where there is none (any more). */
  find(id: string): EncryptionKey | undefined;
}

const ID = /^[A-Za-z0-9._-]{1,64}$/;
const SECRET_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

// Never shows the secret: what does not fit may be one with a slip in it.
const parseKey = (where: string, id: string, secret: unknown): EncryptionKey => {
  if (!ID.test(id)) {
    throw configInvalid(`${where}: a key has no usable id`, "Use up to 64 letters, digits, '.', '-' and '_'");
  }
  const bytes = typeof secret === 'string' && BASE64.test(secret) ? Buffer.from(secret, 'base64') : undefined;
  if (bytes?.length !== SECRET_BYTES) {
    throw configInvalid(
      `${where}: the key '${id}' is not 32 bytes in base64`,
      "Make one: 'openssl rand -base64 32'",
    );
  }
  return { id, secret: bytes };
};

/** Keys that are given: the first is the current one. @throws MillraceError `CONFIG_INVALID` */
export const staticKeys = (keys: readonly EncryptionKey[]): KeyProvider => {
  const [current] = keys;
  if (!current) throw configInvalid('There is no encryption key', 'Give at least one');
  const byId = new Map(keys.map((key) => [key.id, key]));
  for (const { id, secret } of keys) parseKey('Encryption keys', id, Buffer.from(secret).toString('base64'));
  return { current: () => current, find: (id) => byId.get(id) };
};

/**
 * Keys of an environment variable: `<id>:<32 bytes in base64>`, several separated by commas, the current one
 * first. @throws MillraceError `CONFIG_INVALID`
 */
export const environmentKeys = (variable = 'MILLRACE_ENCRYPTION_KEYS', env = process.env): KeyProvider => {
  const text = env[variable]?.trim();
  if (!text) throw configInvalid(`${variable} is not set`, "Set it to '<id>:<32 bytes in base64>'");
  return staticKeys(
    text.split(',').map((part) => {
      const at = part.indexOf(':');
      return parseKey(variable, part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim());
    }),
  );
};

const LOOK_EVERY_MS = 1000;

/**
 * Keys of a JSON file: `{ "current": "<id>", "keys": { "<id>": "<32 bytes in base64>" } }`. A change of the file
 * is noticed within a second; while it cannot be read the keys stay as they were.
 * @throws MillraceError `CONFIG_INVALID` where it cannot be read to begin with.
 */
export const fileKeys = (path: string): KeyProvider => {
  let keys = readKeyFile(path);
  let version = versionOf(path);
  let lookedAt = performance.now();
  const refresh = (): KeyProvider => {
    const now = performance.now();
    if (now - lookedAt < LOOK_EVERY_MS) return keys;
    lookedAt = now;
    const found = versionOf(path);
    if (found === version || found === undefined) return keys;
    try {
      keys = readKeyFile(path);
      version = found;
    } catch {
      // Half written, perhaps: the next look will tell.
    }
    return keys;
  };
  return {
    current: () => refresh().current(),
    find: (id) => keys.find(id) ?? refresh().find(id),
  };
};

const versionOf = (path: string): string | undefined => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.mtimeMs}:${stats.size}:${stats.ino}`;
};

const readKeyFile = (path: string): KeyProvider => {
  const parsed = parseKeyFile(path);
  const { current, keys } = parsed as { current?: unknown; keys?: unknown };
  if (typeof keys !== 'object' || keys === null || typeof current !== 'string' || !(current in keys)) {
    throw configInvalid(
      `${path} is not a key file`,
      'Write { "current": "<id>", "keys": { "<id>": "<base64>" } }',
    );
  }
  const all = Object.entries(keys).map(([id, secret]) => parseKey(path, id, secret));
  return staticKeys([...all].sort((a, b) => Number(b.id === current) - Number(a.id === current)));
};

const parseKeyFile = (path: string): object => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw configInvalid(
      `The key file cannot be read (${errorMessage(error)})`,
      'Correct its path or its rights',
    );
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // What a parser says may quote the secret.
  }
  throw configInvalid(`${path} is not JSON`, 'Write { "current": "<id>", "keys": { "<id>": "<base64>" } }');
};
