import { PermissionViolationError } from '@nats-io/transport-node';
import { AckPolicy, Consumer, ConsumerMessages, DeliverPolicy, JsMsg, StreamInfo } from '@nats-io/jetstream';
import { delay, errorMessage, MillraceConnection, toNanos } from '@millrace/core';

/** Where a feed begins: after the newest change, with the newest of each key, or at a revision. */
export type FeedStart = 'new' | 'all' | number;

export interface StreamFeedOptions {
  stream: string;
  /** The one subject, or subjects, that it takes. */
  subject: string;
  start: FeedStart;
  /**
   * Begin over with everything (`restart`) when it was away for so long that markers of removals may be gone.
   */
  resync: boolean;
  signal: AbortSignal;
}

export type FeedEvent =
  | { kind: 'message'; message: JsMsg }
  /** There is nothing newer at this moment. */
  | { kind: 'caught-up' }
  /** What came before is void: the newest message of each key comes again. */
  | { kind: 'restart' };

/** Bounds what waits in memory for a slow reader. */
const PAGE = 256;
const EXPIRES_MS = 4000;
/** The server drops the consumer of a reader that went away, or of one slower than this. */
const INACTIVE_MS = 60_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2000;
const NANOS_PER_MS = 1_000_000;

interface Session {
  readonly consumer: Consumer;
  readonly name: string;
  delivered: number;
  /** Set when the connection it was opened on is gone. */
  over: boolean;
  page: ConsumerMessages | undefined;
}

/**
 * The messages of a stream in order, each at least once, for as long as the signal does not abort: a consumer
 * that is lost, or whose messages were, is made anew after the last message that arrived.
 */
export class StreamFeed {
  private last: number | undefined;
  private created: string | undefined;
  private heardAt = 0;
  private current = false;
  private session: Session | undefined;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: StreamFeedOptions,
  ) {}

  /** The newest sequence that was seen, or known to be without a message for us. */
  get position(): number {
    return this.last ?? 0;
  }

  /** Whether everything that the server told of has been passed on, and taken. */
  get isCurrent(): boolean {
    return this.current && this.connection.health.current.state === 'connected';
  }

  /** Settles where `new` begins. Called by {@link events} too. */
  async begin(): Promise<void> {
    if (this.created !== undefined || this.options.signal.aborted) return;
    const info = await this.untilAnswered(() => this.connection.jsm.streams.info(this.options.stream));
    if (!info) return;
    this.created = info.created;
    const { start } = this.options;
    this.last = start === 'new' ? info.state.last_seq : start === 'all' ? undefined : start - 1;
  }

  /** @throws PermissionViolationError for what no patience can mend. Ends when the connection is closed. */
  async *events(): AsyncGenerator<FeedEvent> {
    const { signal } = this.options;
    const stop = (): void => this.endSession();
    const health = this.connection.health.changes.subscribe({
      // The first arrives at once and tells nothing new.
      next: ({ state }) => (state === 'connected' ? this.endSession() : (this.current = false)),
      complete: stop,
    });
    signal.addEventListener('abort', stop);
    try {
      await this.begin();
      while (!this.isOver) yield* this.runSession();
    } finally {
      signal.removeEventListener('abort', stop);
      health.unsubscribe();
      this.current = false;
    }
  }

  private get isOver(): boolean {
    return this.options.signal.aborted || this.connection.nc.isClosed();
  }

  private async *runSession(): AsyncGenerator<FeedEvent> {
    const opened = await this.untilAnswered(() => this.open());
    if (!opened) return;
    const { session, pending, info, restarted } = opened;
    this.session = session;
    try {
      if (restarted) yield { kind: 'restart' };
      if (pending === 0) {
        this.last = Math.max(this.position, info.state.last_seq);
        this.current = true;
        yield { kind: 'caught-up' };
      }
      while (!session.over && !this.isOver) yield* this.readPage(session);
    } catch (error) {
      if (error instanceof PermissionViolationError) throw error;
      this.connection.log.debug(`${this.options.stream}: ${errorMessage(error)}; the feed begins anew`);
    } finally {
      this.current = false;
      this.session = undefined;
      void this.connection.jsm.consumers.delete(this.options.stream, session.name).catch(() => undefined);
    }
  }

  private async *readPage(session: Session): AsyncGenerator<FeedEvent> {
    const page = await session.consumer.fetch({ max_messages: PAGE, expires: EXPIRES_MS });
    session.page = page;
    if (session.over || this.isOver) page.stop();
    for await (const message of page) {
      // Nothing is acknowledged: what was lost on its way never comes again from this consumer.
      if (message.info.deliverySequence !== session.delivered + 1) {
        session.over = true;
        return;
      }
      session.delivered++;
      this.last = message.seq;
      this.heardAt = this.connection.clock.monotonic();
      this.current = false;
      yield { kind: 'message', message };
      if (message.info.pending > 0 || session.over) continue;
      this.current = true;
      yield { kind: 'caught-up' };
    }
    if (!session.over) this.heardAt = this.connection.clock.monotonic();
  }

  private endSession(): void {
    this.current = false;
    if (!this.session) return;
    this.session.over = true;
    this.session.page?.stop();
  }

  private async open(): Promise<OpenedSession> {
    const { stream, subject } = this.options;
    const { js, jsm } = this.connection;
    const info = await jsm.streams.info(stream);
    const restarted = this.mustRestart(info);
    if (restarted) this.last = undefined;
    this.created = info.created;
    const { name, num_pending: pending } = await jsm.consumers.add(stream, {
      filter_subject: subject,
      ...(this.last === undefined
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.last + 1 }),
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: toNanos(INACTIVE_MS),
    });
    const consumer = await js.consumers.get(stream, name);
    const session = { consumer, name, delivered: 0, over: false, page: undefined };
    return { session, pending, info, restarted };
  }

  private mustRestart({ created, state, config }: StreamInfo): boolean {
    // Another stream of the same name counts from 1 again.
    if (created !== this.created) return true;
    if (!this.options.resync || this.last === undefined || this.heardAt === 0) return false;
    const awayMs = this.connection.clock.monotonic() - this.heardAt;
    // Marks grow no older than values.
    const maxAge = config.max_age > 0 ? config.max_age : Number.POSITIVE_INFINITY;
    const markersMs = Math.min(config.subject_delete_marker_ttl ?? 0, maxAge) / NANOS_PER_MS;
    // Beyond the first, everything that is left comes anyway.
    return awayMs > markersMs / 2 || state.first_seq > this.last + 1;
  }

  /** `undefined` when it is over before there is an answer. */
  private async untilAnswered<A>(ask: () => Promise<A>): Promise<A | undefined> {
    let waitMs = FIRST_RETRY_MS;
    while (!this.isOver) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof PermissionViolationError) throw error;
        if (this.isOver) return undefined;
        if (this.connection.health.current.state === 'connected') {
          this.connection.log.warn(`${this.options.stream} cannot be followed yet: ${errorMessage(error)}`);
        }
        await delay(waitMs, this.options.signal);
        waitMs = Math.min(LAST_RETRY_MS, waitMs * 2);
      }
    }
    return undefined;
  }
}

interface OpenedSession {
  session: Session;
  pending: number;
  info: StreamInfo;
  /** Whether the session begins over with everything, although there was one before. */
  restarted: boolean;
}
