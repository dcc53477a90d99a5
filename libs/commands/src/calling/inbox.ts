import { createInbox, Msg, Subscription } from '@nats-io/transport-node';
import { errorMessage, MillraceConnection, TimerHandle } from '@millrace/core';

/** A request under way and whoever awaits its answers. */
export interface Exchange {
  /** An answer has come. */
  receive(message: Msg): void;
  /** Called every 50 ms. @param now by the monotonic clock. */
  tick(now: number): void;
  /** The connection is back: what could not be sent before may be sent now. */
  reconnected(): void;
  /** No answer will come any more. */
  closed(): void;
}

const TICK_MS = 50;

/** Where answers arrive: one subscription and one timer for all requests of a connection. */
export class Inbox {
  private readonly prefix: string;
  private readonly exchanges = new Map<string, Exchange>();
  private readonly unwatch: () => void;
  private subscription: Subscription | undefined;
  private ticking: TimerHandle | undefined;
  private next = 0;
  private connected = true;
  private shut = false;

  constructor(private readonly connection: MillraceConnection) {
    this.prefix = `${createInbox(connection.inboxPrefix)}.`;
    const watch = connection.health.changes.subscribe(({ state }) => this.follow(state === 'connected'));
    this.unwatch = () => watch.unsubscribe();
  }

  /** Whether what is sent now reaches the server: the client throws away what is sent while it is not connected. */
  get isConnected(): boolean {
    return this.connected;
  }

  get isClosed(): boolean {
    return this.shut || this.connection.nc.isClosed() || this.connection.nc.isDraining();
  }

  /** Gives the exchange a reply subject of its own. */
  open(exchange: Exchange): string {
    this.subscription ??= this.connection.nc.subscribe(`${this.prefix}*`, {
      callback: (error, message) => this.receive(error, message),
    });
    this.ticking ??= this.connection.clock.every(TICK_MS, () => this.tick());
    const reply = this.prefix + (this.next++).toString(36);
    this.exchanges.set(reply, exchange);
    return reply;
  }

  release(reply: string): void {
    this.exchanges.delete(reply);
  }

  /** Ends what still waits. */
  close(): void {
    this.shut = true;
    this.unwatch();
    this.ticking?.cancel();
    for (const exchange of this.exchanges.values()) exchange.closed();
    this.exchanges.clear();
    if (!this.connection.nc.isClosed()) this.subscription?.unsubscribe();
  }

  // An exception in a subscription's callback ends the client's reading for good: this must not throw.
  private receive(error: Error | null, message: Msg): void {
    if (error) return;
    try {
      this.exchanges.get(message.subject)?.receive(message);
    } catch (failure) {
      this.connection.log.error(`An answer to '${message.subject}' failed: ${errorMessage(failure)}`);
    }
  }

  private follow(connected: boolean): void {
    const regained = connected && !this.connected;
    this.connected = connected;
    if (regained) for (const exchange of this.exchanges.values()) exchange.reconnected();
  }

  private tick(): void {
    const now = this.connection.clock.monotonic();
    for (const exchange of this.exchanges.values()) exchange.tick(now);
    if (this.exchanges.size > 0) return;
    this.ticking?.cancel();
    this.ticking = undefined;
  }
}
