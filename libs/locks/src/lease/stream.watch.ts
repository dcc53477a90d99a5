import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { createInbox, Msg, MsgHdrs, Subscription } from '@nats-io/transport-node';
import { errorMessage, MillraceConnection, TimerHandle, toNanos } from '@millrace/core';

/** One message of the stream, as the server pushed it. */
export interface WatchedMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly storedAtMs: number;
  readonly headers: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

export interface WatchSink {
  /** What was seen before may be out of date: all of it is told again from here. */
  begin(): void;
  message(message: WatchedMessage): void;
  /** What there was at the beginning has been told; from here on it is news. */
  current(): void;
}

export interface WatchOptions {
  stream: string;
  filter: string;
  sink: WatchSink;
}

const HEARTBEAT_MS = 1000;
/** The node that pushes can die while the connection, to another, lives on. */
const SILENCE_MS = 3 * HEARTBEAT_MS;
/** The server drops the consumer of a process that is gone. */
const INACTIVE_MS = 30_000;
const RETRY_MS = 200;

/** `$JS.ACK.…<stream sequence>.<consumer sequence>.<time>.<pending>`, with or without domain and token. */
const deliveryOf = (reply: string) => {
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 5 : 7;
  const numbers = tokens.slice(at, at + 4).map(Number);
  const [sequence = 0, delivery = 0, nanos = 0, pending = 0] = numbers;
  return { sequence, delivery, storedAtMs: nanos / 1_000_000, pending };
};

/**
 * Follows the newest message of each subject of a filter, over a push consumer: one request, no pulls, and the
 * server's markers of expiry too. Begins anew after a gap, a silence and a reconnect, since markers that
 * vanished meanwhile would never come.
 */
export class StreamWatch {
  private session = 0;
  private subscription: Subscription | undefined;
  private consumer: string | undefined;
  private expected = 1;
  private heardAt = 0;
  /** Whether the server has answered how the session began, and what there was then has come: in either order. */
  private answered = false;
  private caughtUp = false;
  private isCurrent = false;
  private timers: TimerHandle[] = [];
  private health: { unsubscribe(): void } | undefined;
  private connected = true;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: WatchOptions,
  ) {}

  /** When the server said how things stand, by its own clock; 0 before. Milliseconds. */
  serverTimeMs = 0;

  start(): void {
    this.health = this.connection.health.changes.subscribe(({ state }) => {
      const regained = state === 'connected' && !this.connected;
      this.connected = state === 'connected';
      if (regained) this.restart();
    });
    this.restart();
  }

  restart(): void {
    this.end();
    const session = ++this.session;
    this.expected = 1;
    this.answered = this.caughtUp = this.isCurrent = false;
    this.options.sink.begin();
    if (this.connection.nc.isClosed()) return;
    void this.open(session);
  }

  stop(): void {
    this.health?.unsubscribe();
    this.end();
    this.session++;
  }

  private end(): void {
    for (const timer of this.timers.splice(0)) timer.cancel();
    const { nc, jsm } = this.connection;
    if (!nc.isClosed()) this.subscription?.unsubscribe();
    this.subscription = undefined;
    const { consumer } = this;
    this.consumer = undefined;
    if (consumer !== undefined && this.connected && !nc.isClosed() && !nc.isDraining()) {
      jsm.consumers.delete(this.options.stream, consumer).catch(() => undefined);
    }
  }

  private async open(session: number): Promise<void> {
    const { nc, jsm, clock, inboxPrefix, log } = this.connection;
    const { stream, filter } = this.options;
    try {
      const inbox = createInbox(inboxPrefix);
      this.heardAt = clock.monotonic();
      this.subscription = nc.subscribe(inbox, {
        callback: (error, message) => {
          if (!error && session === this.session) this.onMessage(message);
        },
      });
      const info = await jsm.consumers.add(stream, {
        deliver_subject: inbox,
        filter_subject: filter,
        deliver_policy: DeliverPolicy.LastPerSubject,
        ack_policy: AckPolicy.None,
        idle_heartbeat: toNanos(HEARTBEAT_MS),
        inactive_threshold: toNanos(INACTIVE_MS),
        mem_storage: true,
        num_replicas: 1,
      });
      if (session !== this.session) {
        return void jsm.consumers.delete(stream, info.name).catch(() => undefined);
      }
      this.consumer = info.name;
      this.serverTimeMs = Date.parse(info.ts ?? info.created);
      this.timers.push(clock.every(HEARTBEAT_MS, () => this.checkSilence()));
      this.answered = true;
      if (info.num_pending === 0 && info.delivered.consumer_seq === 0) this.caughtUp = true;
      this.becomeCurrent();
    } catch (error) {
      if (session !== this.session) return;
      log.debug(`Locks: ${filter} cannot be watched: ${errorMessage(error)}`);
      this.timers.push(clock.after(RETRY_MS, () => this.restart()));
    }
  }

  private checkSilence(): void {
    if (this.connection.clock.monotonic() - this.heardAt > SILENCE_MS) this.restart();
  }

  private onMessage({ subject, reply, headers, data }: Msg): void {
    this.heardAt = this.connection.clock.monotonic();
    // A heartbeat tells what should have arrived by now.
    if (reply === undefined || !reply.startsWith('$JS.ACK.')) {
      const last = Number(headers?.get('Nats-Last-Consumer') || this.expected - 1);
      return last === this.expected - 1 ? undefined : this.restart();
    }
    const { sequence, delivery, storedAtMs, pending } = deliveryOf(reply);
    if (delivery !== this.expected) return this.restart();
    this.expected++;
    this.options.sink.message({ subject, sequence, storedAtMs, headers, data });
    if (pending === 0) this.caughtUp = true;
    this.becomeCurrent();
  }

  private becomeCurrent(): void {
    if (this.isCurrent || !this.answered || !this.caughtUp) return;
    this.isCurrent = true;
    this.options.sink.current();
  }
}
