import { BehaviorSubject, Observable } from 'rxjs';
import { Status } from '@nats-io/transport-node';
import { Log } from '../logging/log.js';

export interface ConnectionHealth {
  state: 'connected' | 'reconnecting' | 'closed';
  /** The server connected to, or last connected to. */
  server: string;
  /** Since when, milliseconds since the epoch. */
  since: number;
}

/** Follows a connection's status: logs each change once, and keeps the newest as an observable. */
export class HealthMonitor {
  private readonly subject: BehaviorSubject<ConnectionHealth>;
  readonly changes: Observable<ConnectionHealth>;

  constructor(
    server: string,
    private readonly log: Log,
    private readonly now: () => number,
  ) {
    this.subject = new BehaviorSubject<ConnectionHealth>({ state: 'connected', server, since: now() });
    this.changes = this.subject.asObservable();
  }

  get current(): ConnectionHealth {
    return this.subject.value;
  }

  apply(status: Status): void {
    switch (status.type) {
      case 'disconnect':
      case 'reconnecting':
      case 'staleConnection':
        return this.move('reconnecting', this.current.server);
      case 'reconnect':
        return this.move('connected', status.server);
      case 'close':
        return this.close();
      case 'error':
        return this.log.warn(`NATS: ${status.error.message}`);
      case 'ldm':
        return this.log.warn(`NATS: ${status.server} is about to shut down; moving to another node`);
      case 'slowConsumer':
        return this.log.warn(`NATS: a subscription is slow (${status.pending} messages pending)`);
      case 'update':
      case 'ping':
      case 'forceReconnect':
        return undefined;
    }
  }

  close(): void {
    if (this.current.state === 'closed') return;
    this.move('closed', this.current.server);
    this.subject.complete();
  }

  private move(state: ConnectionHealth['state'], server: string): void {
    // A late report must not bring a closed connection back.
    if (this.current.state === 'closed') return;
    if (this.current.state === state && this.current.server === server) return;
    this.subject.next({ state, server, since: this.now() });
    if (state === 'connected') this.log.log(`NATS: connected to ${server}`);
    else if (state === 'reconnecting') this.log.warn(`NATS: lost ${server}; reconnecting`);
    else this.log.log('NATS: connection closed');
  }
}
