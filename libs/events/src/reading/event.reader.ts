import {
  ApiErrorCode,
  configInvalid,
  ContractRegistry,
  delay,
  ErrorCode,
  errorMessage,
  eventStreamName,
  isApiError,
  MillraceConnection,
  MillraceError,
  openEvent,
  validateEvent,
} from '@millrace/core';
import { decodeBody } from '../routing/decode.middleware.js';
import {
  contextsOf,
  filterFor,
  ResolvedTarget,
  resolveTarget,
  SubscriptionTarget,
  wants,
} from '../routing/subscription.target.js';
import { Readings } from './readings.js';
import { StoredEvent } from './stored.event.js';
import { PageQuery, readPage, StoredPage, StreamSilentError } from './stored.page.js';

/** Which stored events to read. */
export interface ReadOptions {
  /** Events stored at or after this. Default: from the first. */
  from?: Date | undefined;
  /** Events stored before this. Default: those stored until the reading begins. */
  until?: Date | undefined;
  /** Ends the reading with its reason. */
  signal?: AbortSignal | undefined;
}

export interface ReaderParts {
  connection: MillraceConnection;
  registry: ContractRegistry;
  readings: Readings;
}

const PAGE_TIMEOUT_MS = 5000;
const ATTEMPTS = 5;
const RETRY_MS = 200;

/** Reads what a context's stream holds. Leaves nothing on the server, and takes nobody's place. */
export class EventReader {
  constructor(private readonly own: ReaderParts) {}

  async *read(target: SubscriptionTarget, options: ReadOptions): AsyncGenerator<StoredEvent> {
    const { connection, registry, readings } = this.own;
    const resolved = resolveTarget(target, (event) => registry.register(event));
    const context = onlyContext(resolved);
    readings.assertDeclared(context);
    // What was stored in this very millisecond may have been published by whoever reads now.
    const until = instant(options.until, 'until') ?? new Date(connection.clock.now() + 1);
    const from = instant(options.from, 'from');
    const { signal } = options;
    const query = { stream: eventStreamName(context), subject: filterFor(resolved, context), signal };
    let start: PageQuery['from'] = from ? { start_time: from } : { seq: 1 };
    for (;;) {
      const { messages, more } = await this.page({ ...query, from: start, timeoutMs: PAGE_TIMEOUT_MS });
      for (const message of messages) {
        signal?.throwIfAborted();
        // They lie in the order of their time.
        if (message.storedAt >= until) return;
        const event = new StoredEvent(query.stream, message, (stored) => this.decode(stored));
        const [, name = ''] = event.type.split('.');
        if (wants(resolved, context, name)) yield event;
      }
      if (!more) return;
      start = { seq: (messages.at(-1)?.sequence ?? 0) + 1 };
    }
  }

  // A leader that is being elected, or a connection that was cut, is asked again.
  private async page(query: PageQuery): Promise<StoredPage> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readPage(this.own.connection, query);
      } catch (error) {
        query.signal?.throwIfAborted();
        if (error instanceof StreamSilentError && !(await this.exists(query.stream))) return NOTHING;
        if (attempt >= ATTEMPTS) throw unreadable(query.stream, error);
      }
      await delay(RETRY_MS * attempt, query.signal);
      query.signal?.throwIfAborted();
    }
  }

  /** A context that nobody has published to has no stream. */
  private async exists(stream: string): Promise<boolean> {
    try {
      await this.own.connection.jsm.streams.info(stream);
      return true;
    } catch (error) {
      return !isApiError(error, ApiErrorCode.StreamNotFound);
    }
  }

  private async decode(stored: StoredEvent): Promise<unknown> {
    const { codec } = this.own.connection;
    const contract = this.own.registry.find(stored.type, stored.version);
    const decoded = decodeBody(codec, stored);
    if (!contract) return decoded;
    return validateEvent(contract, openEvent(contract, { decoded, key: stored.key, codec }));
  }
}

const NOTHING: StoredPage = { messages: [], more: false };

const onlyContext = (target: ResolvedTarget): string => {
  const [context, ...others] = contextsOf(target) ?? [];
  if (context !== undefined && others.length === 0) return context;
  throw configInvalid(`read('${target.text}') spans several contexts`, 'Read one context at a time');
};

const instant = (at: Date | undefined, name: string): Date | undefined => {
  if (at === undefined || !Number.isNaN(at.getTime())) return at;
  throw configInvalid(`${name} is not a time`, 'Give a valid Date');
};

const unreadable = (stream: string, cause: unknown): MillraceError =>
  new MillraceError(ErrorCode.StorageUnavailable, `${stream} cannot be read: ${errorMessage(cause)}`, {
    remedy: 'Check that NATS is reachable, then read again',
    cause,
  });
