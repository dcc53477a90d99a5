import { Injectable, NotFoundException } from '@nestjs/common';
import { HeldLock, Lock, WithLock } from '@millrace/locks';
import { type Bucket, type Entry, InjectBucket } from '@millrace/storage';
import { StoredValue } from './values.bucket.js';
import { ClearAnswerDto, PutAnswerDto, ValueDto } from './values.dto.js';

const ALL = 'user-storage';
/** Whoever works on a key shares all of them with others; whoever clears has them alone. */
const BesideOthers = () => WithLock(ALL, { mode: 'shared' });
const OnKey = () => WithLock((key: string) => `${ALL}:${key}`);

/**
 * Values under locks: one at a time works on a key, in all replicas. Writes pass their lock as the fence, so a
 * replica that was frozen for longer than its lease lasts cannot write over what others wrote since.
 */
@Injectable()
export class ValuesService {
  constructor(@InjectBucket(StoredValue) private readonly values: Bucket<StoredValue>) {}

  @BesideOthers()
  @OnKey()
  async put(key: string, value: StoredValue, @HeldLock() fence?: Lock): Promise<PutAnswerDto> {
    return { key, revision: await this.values.put(key, value, { fence }) };
  }

  /** @throws NotFoundException `VALUE_UNKNOWN` */
  @BesideOthers()
  @OnKey()
  async get(key: string): Promise<ValueDto> {
    return told(key, await this.values.get(key));
  }

  /** @throws NotFoundException `VALUE_UNKNOWN` */
  @BesideOthers()
  @OnKey()
  async delete(key: string, @HeldLock() fence?: Lock): Promise<void> {
    if (!(await this.values.has(key))) throw valueUnknown(key);
    await this.values.delete(key, { fence });
  }

  /** Reads and removes it: of many callers exactly one gets it. @throws NotFoundException `VALUE_UNKNOWN` */
  @BesideOthers()
  @OnKey()
  async pop(key: string): Promise<ValueDto> {
    return told(key, await this.values.pop(key));
  }

  @WithLock(ALL)
  async clear(): Promise<ClearAnswerDto> {
    return { cleared: await this.values.clear() };
  }
}

const told = (key: string, entry: Entry<StoredValue> | undefined): ValueDto => {
  if (!entry) throw valueUnknown(key);
  return { key, value: entry.value.value, revision: entry.revision };
};

const valueUnknown = (key: string): NotFoundException =>
  new NotFoundException({ code: 'VALUE_UNKNOWN', message: 'There is no value under this key', key });
