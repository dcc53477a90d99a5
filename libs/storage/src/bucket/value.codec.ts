import { Codec, ContractViolationError, ErrorCode, errorMessage, toValidInstance } from '@millrace/core';
import { BucketDefinition } from './bucket.definition.js';
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
      return { instance, payload: this.codec.encode(instance) };
    } catch (error) {
      // Such as a bigint, or a cycle: no constraint of the class speaks of those.
      throw new ContractViolationError(ErrorCode.ValueInvalid, name, [
        { path: '', constraint: 'isEncodable', message: errorMessage(error) },
      ]);
    }
  }

  /** @throws MillraceError `VALUE_UNREADABLE` */
  async decode(key: string, { data, revision }: StoredRecord): Promise<T> {
    const bucket = this.definition.name;
    try {
      const plain = this.codec.decode(data);
      return await toValidInstance(this.definition.target, plain, {
        code: ErrorCode.ValueInvalid,
        name: 'it',
      });
    } catch (cause) {
      throw valueUnreadable({ bucket, key, revision, cause });
    }
  }
}
