import {
  Codec,
  ContractViolationError,
  ErrorCode,
  errorMessage,
  isProtected,
  isSealedWithCurrentKey,
  MillraceError,
  openFields,
  ProtectedPlace,
  sealFields,
  toValidInstance,
} from '@millrace/core';
import { BucketDefinition } from './bucket.definition.js';
import { isRecord } from './json.js';
import { shownKey, valueUnreadable } from './storage.errors.js';
import { StoredRecord } from './stored.record.js';

export interface EncodedValue<T extends object> {
  /** The value as it was validated. */
  instance: T;
  payload: Uint8Array;
}

/** Validates and encodes values on their way in, decodes and validates them on their way out. */
export class ValueCodec<T extends object> {
  constructor(
    private readonly definition: BucketDefinition<T>,
    private readonly codec: Codec,
  ) {}

  /** @throws ContractViolationError `VALUE_INVALID` with every violated constraint by path. */
  async encode(key: string, value: T): Promise<EncodedValue<T>> {
    const name = `The value for '${shownKey(key)}' in bucket '${this.definition.name}'`;
    const instance = await toValidInstance(this.definition.target, value, {
      code: ErrorCode.ValueInvalid,
      name,
    });
    try {
      return { instance, payload: this.codec.encode(this.sealed(key, instance)) };
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      // Such as a bigint, or a cycle: no constraint of the class speaks of those.
      const message = isProtected(this.definition.target) ? 'cannot be written' : errorMessage(error);
      throw new ContractViolationError(ErrorCode.ValueInvalid, name, [
        { path: '', constraint: 'isEncodable', message },
      ]);
    }
  }

  /**
   * The stored bytes encrypted anew with the current key, and nothing else changed; `undefined` where they are.
   * @throws MillraceError `KEY_UNKNOWN`, `VALUE_UNREADABLE`
   */
  reencrypt(key: string, { data, revision }: StoredRecord): Uint8Array | undefined {
    const bucket = this.definition.name;
    const { target } = this.definition;
    try {
      const stored = this.codec.decode(data);
      if (!isRecord(stored) || isSealedWithCurrentKey(this.codec, { target, value: stored }))
        return undefined;
      return this.codec.encode(this.sealed(key, this.opened(key, stored)));
    } catch (cause) {
      if (MillraceError.is(cause, ErrorCode.KeyUnknown)) throw cause;
      throw valueUnreadable({ bucket, key, revision, cause });
    }
  }

  /** @throws MillraceError `VALUE_UNREADABLE`, `KEY_UNKNOWN` */
  async decode(key: string, { data, revision }: StoredRecord): Promise<T> {
    const bucket = this.definition.name;
    try {
      const stored = this.codec.decode(data);
      const plain = isRecord(stored) ? this.opened(key, stored) : stored;
      return await toValidInstance(this.definition.target, plain, {
        code: ErrorCode.ValueInvalid,
        name: 'it',
      });
    } catch (cause) {
      if (MillraceError.is(cause, ErrorCode.KeyUnknown)) throw cause;
      throw valueUnreadable({ bucket, key, revision, cause });
    }
  }

  private sealed(key: string, value: object): object {
    return sealFields(this.codec, { target: this.definition.target, value, place: this.placeOf(key) });
  }

  private opened(key: string, value: object): object {
    return openFields(this.codec, { target: this.definition.target, value, place: this.placeOf(key) });
  }

  private placeOf(key: string): ProtectedPlace {
    return { kind: 'bucket', name: this.definition.name, key };
  }
}
