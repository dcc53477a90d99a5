import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { AckPolicy, Consumer, DeliverPolicy, DiscardPolicy, JsMsg, StorageType } from '@nats-io/jetstream';
import { ObjectInfo, ObjectStore, Objm } from '@nats-io/obj';
import {
  configInvalid,
  ErrorCode,
  MillraceConnection,
  MillraceError,
  ProvisionMode,
  toNanos,
} from '@millrace/core';
import { storageUnavailable } from '../bucket/storage.errors.js';
import { blobSpaces, blobStream } from './blob.subjects.js';

export interface BlobStoreOptions {
  /** 1, 3 or 5. Default 1. */
  replicas?: number;
  /** Default `file`. */
  storage?: 'file' | 'memory';
  /** When full, writing fails. Default: no bound. */
  maxBytes?: number;
}

/** What is known of a blob without its content. */
export interface BlobInfo {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** `SHA-256=` and the digest of the content in base64url. */
  readonly digest: string;
  readonly updatedAt: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface StoredBlob {
  readonly info: BlobInfo;
  /** The content, as it is asked for. Fails at its end where the digest does not match (`VALUE_UNREADABLE`). */
  readonly stream: Readable;
}

export interface PutBlobOptions {
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A content: bytes, or a stream of them. */
export type BlobSource = Uint8Array | AsyncIterable<Uint8Array>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** 128 KiB each: bounds what a slow reader holds. */
const CHUNKS_AT_ONCE = 16;
const INACTIVE_MS = 60_000;
const MIN_EXPIRES_MS = 1000;

/** Large values by name, in a JetStream object store (ADR-20) that other clients read and write too. */
export class Blobs {
  private constructor(
    private readonly connection: MillraceConnection,
    readonly name: string,
    private readonly objects: ObjectStore,
  ) {}

  /** @throws MillraceError `CONFIG_INVALID`, `PROVISION_CONFLICT`, `PROVISION_MISSING` or `PROVISION_FAILED`. */
  static async open(
    connection: MillraceConnection,
    name: string,
    { mode = 'create', ...options }: BlobStoreOptions & { mode?: ProvisionMode } = {},
  ): Promise<Blobs> {
    if (!NAME.test(name)) {
      throw configInvalid(`'${name}' is not a name for blobs`, "Use up to 128 letters, digits, '-' and '_'");
    }
    const { replicas, storage, maxBytes } = options;
    await connection.streams.ensure(
      {
        name: blobStream(name),
        initial: {
          description: `Blobs '${name}'`,
          subjects: blobSpaces(name),
          discard: DiscardPolicy.New,
          allow_direct: true,
        },
        required: {
          allow_rollup_hdrs: true,
          ...(replicas === undefined ? {} : { num_replicas: replicas }),
          ...(storage === undefined
            ? {}
            : { storage: storage === 'memory' ? StorageType.Memory : StorageType.File }),
          ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
        },
      },
      mode,
    );
    return new Blobs(connection, name, await new Objm(connection.js).open(name));
  }

  /**
   * Stores a content under a name, in place of what was there. Readers see the old content or the new one. What
   * fails half-way, the source too, leaves the old. @throws `STORAGE_UNAVAILABLE`, or what the source throws.
   */
  async put(name: string, source: BlobSource, { metadata }: PutBlobOptions = {}): Promise<BlobInfo> {
    let sourceFailure: { error: unknown } | undefined;
    const chunks = (async function* (): AsyncGenerator<Uint8Array, void> {
      try {
        if (source instanceof Uint8Array) yield source;
        else yield* source;
      } catch (error) {
        sourceFailure = { error };
        throw error;
      }
    })();
    try {
      const meta = { name, ...(metadata ? { metadata: { ...metadata } } : {}) };
      return toInfo(await this.objects.put(meta, toWebStream(chunks)));
    } catch (error) {
      if (sourceFailure) throw sourceFailure.error;
      throw this.unavailable(`Storing '${name}'`, error);
    }
  }

  /** `undefined` where there is none. @throws `STORAGE_UNAVAILABLE` */
  async get(name: string): Promise<StoredBlob | undefined> {
    const object = await this.find(name);
    if (!object) return undefined;
    const stream = Readable.from(this.read(object), { objectMode: false });
    return { info: toInfo(object), stream };
  }

  /** `undefined` where there is none. @throws `STORAGE_UNAVAILABLE` */
  async info(name: string): Promise<BlobInfo | undefined> {
    const object = await this.find(name);
    return object && toInfo(object);
  }

  /** Whether there was any. @throws `STORAGE_UNAVAILABLE` */
  async delete(name: string): Promise<boolean> {
    if (!(await this.find(name))) return false;
    await this.objects.delete(name).catch((error: unknown) => {
      throw this.unavailable(`Deleting '${name}'`, error);
    });
    return true;
  }

  /** All there are, without their contents. @throws `STORAGE_UNAVAILABLE` */
  async list(): Promise<BlobInfo[]> {
    try {
      return (await this.objects.list()).map(toInfo);
    } catch (error) {
      throw this.unavailable('Listing', error);
    }
  }

  private async find(name: string): Promise<ObjectInfo | undefined> {
    try {
      const info = await this.objects.info(name);
      return info && !info.deleted ? info : undefined;
    } catch (error) {
      throw this.unavailable(`Reading '${name}'`, error);
    }
  }

  private async *read(object: ObjectInfo): AsyncGenerator<Uint8Array, void> {
    const digest = createHash('sha256');
    let bytes = 0;
    // An empty content has no chunk.
    if (object.size > 0) {
      for await (const chunk of this.chunksOf(object)) {
        digest.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    }
    const found = `SHA-256=${digest.digest('base64url')}`;
    if (bytes !== object.size || found !== withoutPadding(object.digest)) {
      throw this.unreadable(object, `its digest is ${found} and should be ${object.digest}`);
    }
  }

  /** The client's own reading takes all in as fast as it comes, and waits for ever for what is deleted meanwhile. */
  private async *chunksOf(object: ObjectInfo): AsyncGenerator<Uint8Array, void> {
    const consumer = await this.openReader(object);
    try {
      for (let left = object.size; left > 0;) {
        const page = await this.page(consumer, object.name);
        if (page.length === 0) throw this.unreadable(object, 'what is left of its content is gone');
        for (const { data } of page) {
          left -= data.length;
          yield data;
        }
      }
    } finally {
      void consumer.delete().catch(() => undefined);
    }
  }

  /** The next chunks; none where there are no more. */
  private async page(consumer: Consumer, name: string): Promise<JsMsg[]> {
    const page: JsMsg[] = [];
    try {
      const { num_pending: pending } = await consumer.info();
      if (pending === 0) return page;
      const expires = Math.max(MIN_EXPIRES_MS, this.timeoutMs);
      const messages = await consumer.fetch({ max_messages: Math.min(pending, CHUNKS_AT_ONCE), expires });
      for await (const message of messages) page.push(message);
      return page;
    } catch (error) {
      throw this.unavailable(`Reading '${name}'`, error);
    }
  }

  private async openReader({ name, nuid }: ObjectInfo): Promise<Consumer> {
    const { js, jsm } = this.connection;
    try {
      const consumer = await jsm.consumers.add(blobStream(this.name), {
        filter_subject: `$O.${this.name}.C.${nuid}`,
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.None,
        mem_storage: true,
        num_replicas: 1,
        inactive_threshold: toNanos(INACTIVE_MS),
      });
      return await js.consumers.get(blobStream(this.name), consumer.name);
    } catch (error) {
      throw this.unavailable(`Reading '${name}'`, error);
    }
  }

  private get timeoutMs(): number {
    return this.connection.js.getOptions().timeout ?? 0;
  }

  private unavailable(what: string, cause: unknown): MillraceError {
    return storageUnavailable(`${what} in blobs '${this.name}'`, this.timeoutMs, cause);
  }

  private unreadable({ name, digest }: ObjectInfo, why: string): MillraceError {
    return new MillraceError(
      ErrorCode.ValueUnreadable,
      `The blob '${name}' in '${this.name}' cannot be read: ${why}`,
      { remedy: 'Read it again; where that fails too, store it again', details: { name, digest } },
    );
  }
}

const withoutPadding = (digest: string): string => digest.replace(/=+$/, '');

const toInfo = ({ name, size, digest, mtime, metadata }: ObjectInfo): BlobInfo => ({
  name,
  size,
  digest: withoutPadding(digest),
  updatedAt: new Date(mtime),
  metadata: metadata ?? {},
});

const toWebStream = (chunks: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => void (await chunks.return(undefined)),
  });
