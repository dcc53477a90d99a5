import { IsEmail, IsString } from 'class-validator';
import { Codec } from '../codec/codec.js';
import { jsonCodec } from '../codec/json.codec.js';
import { toValidInstance } from '../contracts/contract.validator.js';
import { Event, eventContractOf } from '../contracts/event.decorator.js';
import { encodeEvent, openEvent } from '../contracts/event.encoder.js';
import { systemClock } from '../clock/clock.js';
import { ErrorCode } from '../errors/error-codes.js';
import { ContractViolationError } from '../errors/millrace.error.js';
import { Encrypted, encryptedPropertiesOf } from './encrypted.decorator.js';
import { isSealedWithCurrentKey, openFields, ProtectedPlace, sealFields } from './field.protection.js';
import { EncryptionKey, staticKeys } from './key.provider.js';

const key = (id: string, fill: number): EncryptionKey => ({ id, secret: Buffer.alloc(32, fill) });
const codecWith = (...keys: EncryptionKey[]): Codec => ({ ...jsonCodec, keys: staticKeys(keys) });
const codec = codecWith(key('k1', 1));

class Person {
  @IsString()
  name!: string;

  @IsEmail({}, { message: '$value is no address' })
  @Encrypted()
  email!: string;
}

class Employee extends Person {
  @Encrypted()
  salary?: { amount: number } | null;
}

class Couple {
  one!: Employee;
}

const ann = (): Employee =>
  Object.assign(new Employee(), { name: 'Ann', email: 'ann@example.org', salary: { amount: 7 } });
const place: ProtectedPlace = { kind: 'bucket', name: 'people', key: 'ann' };
const target = Employee;

const plain = { name: 'Ann', email: 'ann@example.org', salary: { amount: 7 } };

const sealed = (value: object = ann(), by = codec): Record<string, unknown> =>
  JSON.parse(JSON.stringify(sealFields(by, { target, value, place }))) as Record<string, unknown>;

const thrownBy = (task: () => unknown): unknown => {
  try {
    return task();
  } catch (error) {
    return error;
  }
};

describe('protected properties', () => {
  it('are those of the class and of its ancestors, not of its descendants', () => {
    expect(encryptedPropertiesOf(Employee)).toEqual(['email', 'salary']);
    expect(encryptedPropertiesOf(Person)).toEqual(['email']);
  });

  it('are stored as envelopes, and come back as they were', () => {
    const value = sealed();
    expect(value).toMatchObject({ name: 'Ann', email: { $encrypted: 'A256GCM', kid: 'k1' } });
    expect(JSON.stringify(value)).not.toMatch(/example|amount/);
    expect(openFields(codec, { target, value, place })).toEqual(plain);
  });

  it('are encrypted anew each time', () => {
    expect(sealed()['email']).not.toEqual(sealed()['email']);
  });

  it('may be null, or absent', () => {
    const value = sealed(Object.assign(new Employee(), { name: 'Ann', salary: null }));
    expect(Object.keys(value)).toEqual(['name', 'salary']);
    expect(openFields(codec, { target, value, place })).toEqual({ name: 'Ann', salary: null });
  });

  it('that were stored in the clear are read, and count as not encrypted', () => {
    const value = { name: 'Ann', email: 'ann@example.org' };
    expect(openFields(codec, { target, value, place })).toEqual(value);
    expect(isSealedWithCurrentKey(codec, { target, value })).toBe(false);
  });

  it.each<[string, Partial<ProtectedPlace>]>([
    ['another bucket', { name: 'others' }],
    ['another key', { key: 'bob' }],
    ['no key', { key: undefined }],
    ['an event', { kind: 'event' }],
  ])('cannot be moved to %s', (_, elsewhere) => {
    const moved = { target, value: sealed(), place: { ...place, ...elsewhere } };
    expect(thrownBy(() => openFields(codec, moved))).toMatchObject({
      code: elsewhere.kind === 'event' ? ErrorCode.EventUnreadable : ErrorCode.ValueUnreadable,
    });
  });

  it('cannot be moved to another property, nor altered in any part', () => {
    const value = sealed();
    const swapped = { ...value, email: value['salary'] };
    expect(thrownBy(() => openFields(codec, { target, value: swapped, place }))).toMatchObject({
      code: ErrorCode.ValueUnreadable,
    });
    for (const part of ['iv', 'data', 'tag']) {
      const envelope = value['email'] as Record<string, string>;
      const bytes = Buffer.from(envelope[part] ?? '', 'base64url');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      const altered = { ...value, email: { ...envelope, [part]: bytes.toString('base64url') } };
      expect(thrownBy(() => openFields(codec, { target, value: altered, place }))).toMatchObject({
        code: ErrorCode.ValueUnreadable,
      });
    }
  });

  it('are read with the key they name, and written with the current one', () => {
    const value = sealed();
    const rotated = codecWith(key('k2', 2), key('k1', 1));
    expect(openFields(rotated, { target, value, place })).toEqual(plain);
    expect(isSealedWithCurrentKey(codec, { target, value })).toBe(true);
    expect(isSealedWithCurrentKey(rotated, { target, value })).toBe(false);
    expect(sealed(ann(), rotated)['email']).toMatchObject({ kid: 'k2' });
  });

  it('whose key is gone are refused with its name', () => {
    const gone = codecWith(key('k2', 2));
    expect(thrownBy(() => openFields(gone, { target, value: sealed(), place }))).toMatchObject({
      code: ErrorCode.KeyUnknown,
      details: { keyId: 'k1', field: 'email' },
    });
  });

  it('are refused without keys, and in a nested class', () => {
    expect(thrownBy(() => sealFields(jsonCodec, { target, value: ann(), place }))).toMatchObject({
      code: ErrorCode.ConfigInvalid,
    });
    const couple = Object.assign(new Couple(), { one: ann() });
    expect(thrownBy(() => sealFields(codec, { target: Couple, value: couple, place }))).toMatchObject({
      code: ErrorCode.ConfigInvalid,
      message: expect.stringContaining("'one.email'"),
    });
  });

  it('are in no error about them', () => {
    const secret = 'no-address-but-secret';
    const subject = { code: ErrorCode.ValueInvalid, name: 'it' } as const;
    const error = thrownBy(() => toValidInstance(Employee, { name: 7, email: secret }, subject));
    expect(error).toBeInstanceOf(ContractViolationError);
    const { message, stack, violations } = error as ContractViolationError;
    expect(JSON.stringify([message, stack, violations, error])).not.toContain(secret);
    expect(violations.map(({ path, constraint }) => `${path} ${constraint}`)).toEqual([
      'name isString',
      'email isEmail',
    ]);
    // Of a property that is not protected, the user's own message stands.
    expect(message).toContain('name must be a string');
  });
});

describe('a protected event', () => {
  @Event('person.hired', { key: 'id' })
  class Hired {
    id!: string;

    @Encrypted()
    email!: string;
  }

  const ports = { source: 'test', codec, clock: systemClock };
  const hired = Object.assign(new Hired(), { id: 'a b', email: 'ann@example.org' });

  it('carries the envelope, and is opened for its own key only', () => {
    const contract = eventContractOf(Hired);
    const { payload, headers } = encodeEvent(contract, hired, {}, ports);
    expect(new TextDecoder().decode(payload)).not.toContain('example');
    expect(JSON.stringify([...headers])).not.toContain('example');
    const decoded = codec.decode(payload);
    expect(openEvent(contract, { decoded, key: 'a b', codec })).toEqual({
      id: 'a b',
      email: 'ann@example.org',
    });
    expect(thrownBy(() => openEvent(contract, { decoded, key: 'other', codec }))).toMatchObject({
      code: ErrorCode.EventUnreadable,
    });
  });

  it('may not have a protected property for its key', () => {
    @Event('person.named', { key: 'email' })
    class Named {
      @Encrypted()
      email!: string;
    }
    const event = Object.assign(new Named(), { email: 'ann@example.org' });
    expect(thrownBy(() => encodeEvent(eventContractOf(Named), event, {}, ports))).toMatchObject({
      code: ErrorCode.ConfigInvalid,
    });
  });
});
