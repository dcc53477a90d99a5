import { MillraceConnection, delay, errorMessage } from '@millrace/core';
import { Msg } from '@nats-io/transport-node';
import { PullSession, SessionEnd } from './pull-session.js';

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
 * Messages of one consumer, for as long as it is open: through reconnects, lost requests and a consumer that
 * was deleted under it.
 */
export class ConsumerSource {
  private session: PullSession | undefined;
  private readonly watch: { unsubscribe(): void };
  private readonly closing = new AbortController();
  private recovering = false;

  constructor(private readonly options: ConsumerSourceOptions) {
    let wasConnected = true;
    this.watch = options.connection.health.changes.subscribe(({ state }) => {
      if (state === 'connected' && !wasConnected) this.renew();
      wasConnected = state === 'connected';
    });
  }

  open(): void {
    this.renew();
  }

  get owed(): number {
    return this.session?.owed ?? 0;
  }

  request(count: number): void {
    this.session?.request(count);
  }

  /** Stops asking, and passes on what was on its way. */
  async drain(): Promise<void> {
    this.shut();
    await this.session?.drain();
  }

  close(): void {
    this.shut();
    this.session?.end();
  }

  private shut(): void {
    this.closing.abort();
    this.watch.unsubscribe();
  }

  private renew(): void {
    if (this.closing.signal.aborted) return;
    this.session?.end();
    const { connection, stream, consumer, onMessage, onDemand } = this.options;
    this.session = new PullSession({
      nc: connection.nc,
      stream,
      consumer: consumer(),
      clock: connection.clock,
      inboxPrefix: connection.inboxPrefix,
      onMessage,
      onDemand,
      onEnd: (reason, detail) => void this.recover(reason, detail),
    });
    onDemand();
  }

  private async recover(reason: SessionEnd, detail: string): Promise<void> {
    if (this.recovering) return;
    this.recovering = true;
    const { connection, stream, consumer, restore } = this.options;
    connection.log.debug(`${stream} > ${consumer()}: ${reason} (${detail})`);
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(LAST_RETRY_MS, waitMs * 2)) {
      // Also before the first try: a missing answer is most often a leader being elected.
      await delay(waitMs, this.closing.signal);
      if (this.closing.signal.aborted) break;
      try {
        await restore();
        break;
      } catch (error) {
        connection.log.warn(`${stream} > ${consumer()} is not back yet: ${errorMessage(error)}`);
      }
    }
    this.recovering = false;
    this.renew();
  }
}
