import { ClientProxy, MsPattern, NatsRecord, ReadPacket, WritePacket } from '@nestjs/microservices';
import {
  configInvalid,
  ErrorCode,
  EventContract,
  findEventContract,
  HeaderMap,
  MillraceError,
  toMillis,
} from '@millrace/core';
import { PublishResult } from '@millrace/events';
import { ConnectionStates } from './connection.states.js';
import { encodePatternEvent } from './patterns/pattern.event.js';
import { isWildcard, subjectOf } from './patterns/pattern.route.js';
import { RequestClient } from './requests/request.client.js';
import { openEngine, TransportEngine } from './transport.engine.js';
import { ClientOptions, replyTimeoutOf } from './transport.options.js';
import { MillraceRecord, RecordOptions } from './transport.record.js';

interface Connected {
  readonly engine: TransportEngine;
  readonly requests: RequestClient;
}

/**
 * Nest's `ClientProxy` over JetStream: `emit` stores an event and completes with where it lies once the server
 * has confirmed it; `send` asks the replicas of a `@MessagePattern` and emits each reply.
 *
 * @example
 * ClientsModule.register([{ name: 'ORDERS', customClass: MillraceClient, options: { name: 'shop', servers } }])
 */
export class MillraceClient extends ClientProxy<Record<string, () => void>> {
  private connecting: Promise<Connected> | undefined;
  private connected: Connected | undefined;
  private readonly states = new ConnectionStates();
  private readonly replyTimeoutMs: number;

  constructor(private readonly options: ClientOptions) {
    super();
    this.replyTimeoutMs = replyTimeoutOf(options);
    this.initializeSerializer({});
    this.initializeDeserializer({});
  }

  /** Connects, where it has not. @throws MillraceError `CONNECTION_…`, `CONFIG_INVALID` */
  async connect(): Promise<void> {
    await this.open();
  }

  async close(): Promise<void> {
    const { connecting } = this;
    this.connecting = this.connected = undefined;
    const opened = await connecting?.catch(() => undefined);
    opened?.requests.close(clientClosed());
    await opened?.engine.close();
  }

  /** Calls back when the connection comes to be `connected`, `reconnecting` or `closed`. */
  override on(event: string, callback: () => void): void {
    this.states.on(event, callback);
  }

  /** The connection of nats.js. @throws MillraceError `CONNECTION_CLOSED` before `connect` and after `close` */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest declares it so
  unwrap<T>(): T {
    if (this.connected) return this.connected.engine.connection.nc as T;
    throw clientClosed();
  }

  protected publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    try {
      const { requests } = this.connected ?? raise(clientClosed());
      const { content, options } = unwrapRecord(data);
      return requests.send({
        subject: subjectOf(concrete(this.normalizePattern(pattern as MsPattern))),
        data: content,
        headers: options.headers ?? {},
        timeoutMs: options.timeout === undefined ? this.replyTimeoutMs : toMillis(options.timeout, 'timeout'),
        onReply: callback,
      });
    } catch (err) {
      callback({ err });
      return () => undefined;
    }
  }

  // The result is what the caller's type says: `emit<PublishResult>`.
  protected async dispatchEvent<T = unknown>({ pattern, data }: ReadPacket): Promise<T> {
    const { engine } = await this.open();
    const route = concrete(this.normalizePattern(pattern as MsPattern));
    const { content, options } = unwrapRecord(data);
    return (await store(engine, { route, content, options })) as T;
  }

  private open(): Promise<Connected> {
    return (this.connecting ??= this.openOnce().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    }));
  }

  private async openOnce(): Promise<Connected> {
    const engine = await openEngine(this.options);
    this.states.follow(engine.connection, (state) => this._status$.next(state));
    return (this.connected = { engine, requests: new RequestClient(engine.connection) });
  }
}

interface Emission {
  readonly route: string;
  readonly content: unknown;
  readonly options: RecordOptions;
}

const store = async (
  { bus, connection, ensureContext }: TransportEngine,
  { route, content, options }: Emission,
): Promise<PublishResult> => {
  const { key, messageId, headers } = options;
  const contract = contractOf(content);
  if (isObject(content) && contract) {
    if (contract.type !== route) {
      throw configInvalid(`A ${contract.type} is emitted to '${route}'`, `Emit it to '${contract.type}'`);
    }
    return bus.publish(content, {
      ...(key === undefined ? {} : { key }),
      ...(messageId === undefined ? {} : { messageId }),
      ...(headers === undefined ? {} : { headers }),
    });
  }
  const encoded = encodePatternEvent({ route, data: content, headers, key, messageId }, connection);
  await ensureContext(encoded.context);
  const { subject, payload, headers: wire } = encoded;
  const stored = await connection.publisher.publish({ subject, payload, headers: wire });
  return { messageId: encoded.messageId, ...stored };
};

// Data without a prototype is of no class, whatever it says of its constructor.
const contractOf = (content: unknown): EventContract | undefined => {
  const prototype = isObject(content) ? (Object.getPrototypeOf(content) as object | null) : null;
  return prototype ? findEventContract(prototype.constructor as never) : undefined;
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Records of ours, and of Nest's NATS transport, whose headers are those of nats.js. */
const unwrapRecord = (data: unknown): { content: unknown; options: RecordOptions } => {
  if (data instanceof MillraceRecord) return { content: data.data, options: data.options };
  if (!(data instanceof NatsRecord)) return { content: data, options: {} };
  const record = data as NatsRecord<unknown, Iterable<[string, string[]]> | undefined>;
  const headers: Record<string, string> = {};
  for (const [name, values] of record.headers ?? []) headers[name] = values.join(', ');
  return { content: record.data, options: { headers: headers satisfies HeaderMap } };
};

const concrete = (route: string): string => {
  if (!isWildcard(route)) return route;
  throw configInvalid(
    `'${route}' has wildcards`,
    'Emit and send to one pattern; only handlers have wildcards',
  );
};

const clientClosed = (): MillraceError =>
  new MillraceError(ErrorCode.ConnectionClosed, 'The client is not connected', {
    remedy: 'Call connect() first, and not after close()',
  });

const raise = (error: Error): never => {
  throw error;
};
