import { createInbox, Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { Clock, TimerHandle } from '@millrace/core';

/** Why a session can not go on. */
export type SessionEnd = 'consumer-missing' | 'unresponsive' | 'refused';

export interface PullSessionOptions {
  nc: NatsConnection;
  stream: string;
  consumer: string;
  clock: Clock;
  inboxPrefix?: string | undefined;
  onMessage: (message: Msg) => void;
  /** A pull request ended with messages still owed. */
  onDemand: () => void;
  /** Called once; the session has retired by then. */
  onEnd: (reason: SessionEnd, detail: string) => void;
}

/** How long one pull request waits on the server. Short, so that a lost one costs little. */
export const EXPIRES_MS = 5000;
const HEARTBEAT_MS = 1000;
/** Silence of more than two heartbeats means that nobody answers. */
const SILENCE_MS = 2500;

const encoder = new TextEncoder();

/**
 * Pull requests on one inbox (ADR-13), and the bookkeeping of how many messages are still owed. A session
 * that loses its footing (reconnect, silence, a missing consumer) retires and is replaced by a new one with
 * an inbox of its own, so no answer to an old request can confuse it.
 */
export class PullSession {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly requestSubject: string;
  private readonly watchdog: TimerHandle;
  private owedCount = 0;
  private lastHeard: number;
  private lastCheck: number;
  private retired = false;
  private ended = false;

  constructor(private readonly options: PullSessionOptions) {
    const { nc, stream, consumer, clock } = options;
    this.inbox = createInbox(options.inboxPrefix);
    this.requestSubject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.lastHeard = clock.monotonic();
    this.lastCheck = this.lastHeard;
    this.subscription = nc.subscribe(this.inbox, {
      callback: (error, message) => this.receive(error, message),
    });
    this.watchdog = clock.every(HEARTBEAT_MS, () => this.checkSilence());
  }

  /** Messages asked for and not yet here. */
  get owed(): number {
    return this.owedCount;
  }

  /** Asks the server for `count` more messages. */
  request(count: number): void {
    const { nc, clock } = this.options;
    // A closing connection throws, and an exception in a subscription's callback ends the client's reading.
    if (this.retired || nc.isClosed() || nc.isDraining()) return;
    // Nothing was owed: the silence so far was nobody's fault.
    if (this.owedCount === 0) this.lastHeard = clock.monotonic();
    this.owedCount += count;
    const body = { batch: count, expires: EXPIRES_MS * 1e6, idle_heartbeat: HEARTBEAT_MS * 1e6 };
    nc.publish(this.requestSubject, encoder.encode(JSON.stringify(body)), { reply: this.inbox });
  }

  /**
   * Asks for no more and reports nothing more, but still passes on the messages that the server sends for
   * requests it holds: dropped here, each would count as an attempt and come back only after its `ackWait`.
   */
  retire(): void {
    this.retired = true;
    this.owedCount = 0;
    this.watchdog.cancel();
  }

  /** Retires, and resolves when everything that the server had sent is passed on. */
  async drain(): Promise<void> {
    this.retire();
    if (this.ended || this.options.nc.isClosed()) return;
    // Refused for a subscription that the server or the connection has closed: nothing can come of it.
    await this.subscription.drain().catch(() => undefined);
    this.ended = true;
  }

  /** Passes on nothing more: messages on their way go back to the server when their `ackWait` ends. */
  end(): void {
    if (this.ended) return;
    this.retire();
    this.ended = true;
    if (!this.options.nc.isClosed()) this.subscription.unsubscribe();
  }

  private receive(error: Error | null, message: Msg): void {
    if (this.ended) return;
    if (error) return this.fail('unresponsive', error.message);
    this.lastHeard = this.options.clock.monotonic();
    // A delivery keeps the subject it was stored under; only a status comes on the inbox itself.
    if (message.subject === this.inbox) return this.onStatus(message);
    this.owedCount = Math.max(0, this.owedCount - 1);
    this.options.onMessage(message);
  }

  /** 100 heartbeat · 404 and 408 the request ended · 409 see below · 503 nobody serves this consumer. */
  private onStatus(message: Msg): void {
    if (this.retired) return;
    const { code = 0, description = '' } = message.headers ?? {};
    switch (code) {
      case 100:
        return;
      case 404:
      case 408:
        return this.onRequestEnd(message);
      case 503:
        return this.fail('consumer-missing', 'no responders');
      case 409:
        // Consumer deleted, or one that is not a pull consumer any more: asking again cannot help.
        if (/deleted|push based/i.test(description)) return this.fail('consumer-missing', description);
        // A request beyond a limit of the consumer is refused as a whole, and does not say how much it was.
        if (/^exceeded/i.test(description)) return this.fail('refused', description);
        return this.onRequestEnd(message);
      default:
        return this.fail('unresponsive', `${code} ${description}`);
    }
  }

  private onRequestEnd(message: Msg): void {
    const left = Number(message.headers?.get('Nats-Pending-Messages') ?? '0');
    this.owedCount = Math.max(0, this.owedCount - (Number.isFinite(left) ? left : 0));
    this.options.onDemand();
  }

  private checkSilence(): void {
    const now = this.options.clock.monotonic();
    // It was this process that stood still: what came meanwhile has yet to be read.
    if (now - this.lastCheck > 2 * HEARTBEAT_MS) this.lastHeard = now;
    this.lastCheck = now;
    if (this.owedCount > 0 && now - this.lastHeard > SILENCE_MS) this.fail('unresponsive', 'no heartbeat');
  }

  private fail(reason: SessionEnd, detail: string): void {
    if (this.retired) return;
    this.retire();
    this.options.onEnd(reason, detail);
  }
}
