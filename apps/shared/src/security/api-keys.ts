import { createHash, timingSafeEqual } from 'node:crypto';
import { configInvalid } from '@millrace/core';

/** What a key is for. A key may have several scopes, and none includes another. */
export const SCOPES = ['admin', 'service'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who a key is for, and what it opens. The key itself is known to nobody but its holder. */
export interface ApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key. */
  readonly hash: Buffer;
}

/** One key as it stands in `API_KEYS`. */
export const API_KEY_FORM = '<name>:<scope>[+<scope>]:<SHA-256 of the key in hex>';

const ENTRY = /^([a-z][a-z0-9-]{0,63}):([a-z]+(?:\+[a-z]+)*):([0-9a-f]{64})$/;

// Fast on purpose: a key is 256 random bits, so there is nothing to guess that a slow hash would guard.
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The keys of `API_KEYS`. */
export class ApiKeys {
  private constructor(private readonly keys: readonly ApiKey[]) {}

  static readonly none = new ApiKeys([]);

  /** @throws MillraceError `CONFIG_INVALID`, which shows neither a hash nor what stands in its place. */
  static parse(text: string): ApiKeys {
    const keys = text.split(',').map((entry) => parseEntry(entry.trim()));
    if (new Set(keys.map(({ name }) => name)).size < keys.length) {
      throw configInvalid('Two API keys have the same name', 'Give every key a name of its own');
    }
    return new ApiKeys(keys);
  }

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  /** Whose key this is. Takes the same time for every key, known or not: it always compares with all of them. */
  find(key: string): ApiKey | undefined {
    const hash = hashOf(key);
    return this.keys.reduce<ApiKey | undefined>(
      (found, known) => (timingSafeEqual(known.hash, hash) ? known : found),
      undefined,
    );
  }
}

const parseEntry = (entry: string): ApiKey => {
  const [, name, scopes, hash] = ENTRY.exec(entry) ?? [];
  const wanted = scopes?.split('+') ?? [];
  if (name === undefined || hash === undefined || !wanted.every(isScope)) {
    throw configInvalid(
      'An API key is malformed',
      `Write each as ${API_KEY_FORM}, with a lower-case name and scopes of ${SCOPES.join(', ')}`,
    );
  }
  return { name, scopes: wanted, hash: Buffer.from(hash, 'hex') };
};

const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text);
