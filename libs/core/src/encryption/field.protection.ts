import type { Codec } from '../codec/codec.js';
import type { ClassOf } from '../contracts/event.decorator.js';
import { ErrorCode } from '../errors/error-codes.js';
import { configInvalid, MillraceError } from '../errors/millrace.error.js';
import { encryptedPropertiesOf, findNestedEncrypted } from './encrypted.decorator.js';
import { Envelope, FieldPlace, isEnvelope, openBytes, sealBytes } from './field.cipher.js';
import { KeyProvider } from './key.provider.js';

/** What the protected properties belong to. */
export type ProtectedPlace = Omit<FieldPlace, 'field'>;

/** What is sealed or opened, of which class, and where it belongs. */
export interface ProtectedValue {
  readonly target: ClassOf<object>;
  readonly value: object;
  readonly place: ProtectedPlace;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/**
 * `value` with its protected properties as envelopes; `value` itself where its class has none.
 * @throws MillraceError `CONFIG_INVALID` where the connection has no keys, or a nested class has protected ones.
 */
export const sealFields = (codec: Codec, { target, value, place }: ProtectedValue): object => {
  const nested = findNestedEncrypted(value);
  if (nested !== undefined) {
    throw configInvalid(
      `${target.name}: '${nested}' is under @Encrypted in a nested class`,
      'Put @Encrypted() on the property of the outer class: it encrypts all of it',
    );
  }
  const fields = encryptedPropertiesOf(target);
  if (fields.length === 0) return value;
  const keys = keysOf(codec, target);
  const bare = Object.create(Object.getPrototypeOf(value) as object | null) as object;
  const sealed: object = Object.assign(bare, value);
  for (const field of fields) {
    const plain: unknown = Reflect.get(value, field);
    if (plain === undefined) continue;
    const envelope = sealBytes(codec.encode(plain), { ...place, field }, keys.current());
    Reflect.defineProperty(sealed, field, { value: envelope, enumerable: true, configurable: true });
  }
  return sealed;
};

/**
 * Decoded data with its envelopes opened. What is no envelope is left as it is: it was written before the
 * property was protected, or by a client that knows nothing of it.
 * @throws MillraceError `KEY_UNKNOWN`; `VALUE_UNREADABLE`, `EVENT_UNREADABLE` or `COMMAND_UNREADABLE` for what was
 * altered or moved.
 */
export const openFields = <V>(codec: Codec, { target, value, place }: ProtectedValue & { value: V }): V => {
  const fields = encryptedPropertiesOf(target);
  if (fields.length === 0 || !isRecord(value)) return value;
  const opened: Record<string, unknown> = { ...value };
  for (const field of fields) {
    const envelope = Object.hasOwn(value, field) ? value[field] : undefined;
    if (isEnvelope(envelope)) opened[field] = open(codec, envelope, { target, place: { ...place, field } });
  }
  return opened as V;
};

/** Whether every protected property of decoded data is encrypted with the current key. */
export const isSealedWithCurrentKey = (
  codec: Codec,
  { target, value }: Pick<ProtectedValue, 'target' | 'value'>,
): boolean => {
  const fields = encryptedPropertiesOf(target).filter((field) => Reflect.get(value, field) !== undefined);
  if (fields.length === 0) return true;
  const { id } = keysOf(codec, target).current();
  return fields.every((field) => {
    const envelope: unknown = Reflect.get(value, field);
    return isEnvelope(envelope) && envelope.kid === id;
  });
};

/** @throws MillraceError `CONFIG_INVALID` where a class has protected properties and the connection no keys. */
export const assertProtectable = (codec: Codec, target: ClassOf<object>): void => {
  if (encryptedPropertiesOf(target).length > 0) keysOf(codec, target);
};

const UNREADABLE = {
  bucket: ErrorCode.ValueUnreadable,
  event: ErrorCode.EventUnreadable,
  command: ErrorCode.CommandUnreadable,
  reply: ErrorCode.CommandUnreadable,
} as const;

const keysOf = ({ keys }: Codec, { name }: ClassOf<object>): KeyProvider => {
  if (keys) return keys;
  throw configInvalid(
    `${name} has properties under @Encrypted, and the connection has no keys`,
    'Give NatsModule the option encryption: { keys: environmentKeys() }',
  );
};

const open = (
  codec: Codec,
  envelope: Envelope,
  { target, place }: { target: ClassOf<object>; place: FieldPlace },
): unknown => {
  const { kind, name, field } = place;
  const details = { kind, name, field, keyId: envelope.kid };
  const key = keysOf(codec, target).find(envelope.kid);
  if (!key) {
    throw new MillraceError(
      ErrorCode.KeyUnknown,
      `'${field}' of ${kind} '${name}' is encrypted with the key '${envelope.kid}', which is not there`,
      { remedy: 'Give the key provider that key again; nothing was changed', details },
    );
  }
  try {
    return codec.decode(openBytes(envelope, place, key));
  } catch {
    // No cause: what a parser says may quote what it could not parse.
    throw new MillraceError(
      UNREADABLE[kind],
      `'${field}' of ${kind} '${name}' cannot be decrypted: it was altered, or belongs to something else`,
      { remedy: 'Restore it from where it was written', details },
    );
  }
};
