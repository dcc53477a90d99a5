import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EncryptionKey } from './key.provider.js';

/** What stands in stored JSON in place of a value: AES-256-GCM, with the key's id. */
export interface Envelope {
  readonly $encrypted: 'A256GCM';
  readonly kid: string;
  /** 96 bits at random, base64url, as the two below. */
  readonly iv: string;
  readonly data: string;
  readonly tag: string;
}

/** What a ciphertext belongs to. It cannot be opened anywhere else. */
export interface FieldPlace {
  readonly kind: 'bucket' | 'event' | 'command' | 'reply';
  /** The bucket's name, or the type of the event or command. */
  readonly name: string;
  readonly key: string | undefined;
  readonly field: string;
}

const IV_BYTES = 12;

export const isEnvelope = (value: unknown): value is Envelope => {
  if (typeof value !== 'object' || value === null) return false;
  const { $encrypted, kid, iv, data, tag } = value as Record<string, unknown>;
  return $encrypted === 'A256GCM' && [kid, iv, data, tag].every((part) => typeof part === 'string');
};

// JSON keeps the parts apart, whatever is in them.
const associatedData = ({ kind, name, key, field }: FieldPlace, keyId: string): Buffer =>
  Buffer.from(JSON.stringify(['millrace:1', keyId, kind, name, key ?? null, field]));

export const sealBytes = (plain: Uint8Array, place: FieldPlace, { id, secret }: EncryptionKey): Envelope => {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, iv);
  cipher.setAAD(associatedData(place, id));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return {
    $encrypted: 'A256GCM',
    kid: id,
    iv: iv.toString('base64url'),
    data: data.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
  };
};

/** @throws Error for what was altered, or belongs elsewhere. */
export const openBytes = (
  { kid, iv, data, tag }: Envelope,
  place: FieldPlace,
  key: EncryptionKey,
): Uint8Array => {
  const decipher = createDecipheriv('aes-256-gcm', key.secret, Buffer.from(iv, 'base64url'), {
    authTagLength: 16,
  });
  decipher.setAAD(associatedData(place, kid));
  decipher.setAuthTag(Buffer.from(tag, 'base64url'));
  return Buffer.concat([decipher.update(Buffer.from(data, 'base64url')), decipher.final()]);
};
