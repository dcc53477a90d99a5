import { MillraceConnection, delay, errorMessage, settlesWithin, TimerHandle } from '@millrace/core';
import { Msg } from '@nats-io/transport-node';
import { EXPIRES_MS, PullSession, SessionEnd } from './pull-session.js';
import { onReconnect } from './reconnect.js';

export interface ConsumerSourceOptions {
  connection: MillraceConnection;
  stream: string;
  /** The consumer's name: asked for each session, since a restored ephemeral one may have a new name. */
  consumer: () => string;
  /** Makes sure that the consumer is there. */
  restore: () => Promise<void>;
  onMessage: (message: Msg) => void;
  /** There is room for a request. */
  onDemand: () => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;
/**
 * How long to wait for the consumer to be found. In an election that question is left without any answer, for
 * as long as an API request may take, while a request for messages is answered as soon as there is a leader.
 */
const RESTORE_MS = 500;
/** By then the server has dropped every request of a session that was replaced. */
const LINGER_MS = EXPIRES_MS + 1000;

/**
 * Messages of one consumer, for as long as it is open: through reconnects, lost requests and a consumer that
 * was deleted under it.
 */
export class ConsumerSource {
  private session: PullSession | undefined;
  /** Replaced, but messages may still come for what they had asked. */
  private readonly lingering = new Map<PullSession, TimerHandle>();
  private unwatch: (() => void) | undefined;
  private closing = false;
  private recovery: AbortController | undefined;
  private readonly restoring = new Set<Promise<boolean>>();
  private waitMs = FIRST_RETRY_MS;

  constructor(private readonly options: ConsumerSourceOptions) {}

  open(): void {
    if (this.closing) return;
    this.unwatch ??= onReconnect(
      this.options.connection,
      () => this.renew(),
      () => this.shut(),
    );
    this.renew();
  }

  get owed(): number {
    return this.session?.owed ?? 0;
  }

  request(count: number): void {
    this.session?.request(count);
  }

  /** Stops asking, and passes on what was on its way. Nothing is restored any more once it resolves. */
  async drain(): Promise<void> {
    this.shut();
    await Promise.all([
      this.session?.drain(),
      ...[...this.lingering.keys()].map((session) => session.drain()),
      ...this.restoring,
    ]);
  }

  close(): void {
    this.shut();
    this.session?.end();
    for (const session of this.lingering.keys()) this.dismiss(session);
  }

  private shut(): void {
    this.closing = true;
    this.recovery?.abort();
    this.unwatch?.();
  }

  private renew(): void {
    const { connection, stream, consumer, onMessage, onDemand } = this.options;
    this.recovery?.abort();
    if (this.closing || connection.nc.isClosed() || connection.nc.isDraining()) return;
    if (this.session) this.replace(this.session);
    this.session = new PullSession({
      nc: connection.nc,
      stream,
      consumer: consumer(),
      clock: connection.clock,
      inboxPrefix: connection.inboxPrefix,
      onMessage: (message) => {
        this.waitMs = FIRST_RETRY_MS;
        onMessage(message);
      },
      onDemand: () => {
        this.waitMs = FIRST_RETRY_MS;
        onDemand();
      },
      onEnd: (reason, detail) => this.recover(reason, detail),
    });
    onDemand();
  }

  private replace(session: PullSession): void {
    session.retire();
    const timer = this.options.connection.clock.after(LINGER_MS, () => this.dismiss(session));
    this.lingering.set(session, timer);
  }

  private dismiss(session: PullSession): void {
    this.lingering.get(session)?.cancel();
    this.lingering.delete(session);
    session.end();
  }

  private recover(reason: SessionEnd, detail: string): void {
    const { connection, stream, consumer } = this.options;
    const what = `${stream} > ${consumer()}: ${reason} (${detail})`;
    if (reason === 'refused') connection.log.warn(what);
    else connection.log.debug(what);
    this.recovery?.abort();
    this.recovery = new AbortController();
    void this.restoreUntil(this.recovery.signal);
  }

  /** Ends without a word when a reconnect or the closing has made it pointless. */
  private async restoreUntil(pointless: AbortSignal): Promise<void> {
    for (;;) {
      // Also before the first try: a missing answer is most often a leader being elected.
      await delay(this.waitMs, pointless);
      this.waitMs = Math.min(LAST_RETRY_MS, this.waitMs * 2);
      if (pointless.aborted) return;
      const restoring = this.restore();
      const known = await settlesWithin(restoring, RESTORE_MS);
      if (pointless.aborted) return;
      if (!known || (await restoring)) return this.renew();
    }
  }

  private restore(): Promise<boolean> {
    const { connection, stream, consumer, restore } = this.options;
    const restoring: Promise<boolean> = restore().then(
      () => true,
      (error: unknown) => {
        if (connection.health.current.state === 'connected' && !this.closing) {
          connection.log.warn(`${stream} > ${consumer()} is not back yet: ${errorMessage(error)}`);
        }
        return false;
      },
    );
    this.restoring.add(restoring);
    void restoring.then(() => this.restoring.delete(restoring));
    return restoring;
  }
}
