import { Msg, MsgHdrs } from '@nats-io/transport-node';
import { MillraceConnection } from '@millrace/core';
import { ControlMessage } from '../wire/control.message.js';
import { Turn } from '../wire/turn.js';
import { NO_RESPONDERS } from '../wire/command.headers.js';
import { cancelled, closed, noHandler, timedOut } from '../wire/command.errors.js';
import { Exchange, Inbox } from './inbox.js';
import { Outgoing, requestHeaders, unsendable } from './outgoing.js';

export interface CallPorts {
  connection: MillraceConnection;
  inbox: Inbox;
  turn: Turn;
}

/** One request and its answers, whatever their number: sent once, and given up when its time is up. */
export abstract class Call implements Exchange {
  protected readonly reply: string;
  private sent = false;
  private released = false;
  private onAbort: (() => void) | undefined;

  protected constructor(
    protected readonly ports: CallPorts,
    protected readonly outgoing: Outgoing,
    private readonly subject: string,
  ) {
    this.reply = ports.inbox.open(this);
  }

  /** Sends the request, as soon as there is a connection. */
  start(): void {
    const { signal } = this.outgoing;
    if (this.ports.inbox.isClosed) return this.fail(closed(this.type));
    if (signal) {
      if (signal.aborted) return this.fail(cancelled(this.type, signal.reason));
      this.onAbort = () => this.cancel(signal.reason);
      signal.addEventListener('abort', this.onAbort, { once: true });
    }
    this.ports.turn.add(() => {
      if (this.ports.inbox.isConnected) this.send();
    });
  }

  receive(message: Msg): void {
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) {
      return this.fail(noHandler(this.type));
    }
    this.answered(message);
  }

  tick(now: number): void {
    if (now >= this.outgoing.deadline) this.expired();
  }

  reconnected(): void {
    this.send();
  }

  closed(): void {
    this.fail(closed(this.type));
  }

  protected get type(): string {
    return this.outgoing.contract.type;
  }

  protected abstract answered(message: Msg): void;
  protected abstract failed(error: Error): void;

  protected expired(): void {
    this.fail(timedOut(this.type, this.outgoing.timeoutMs));
  }

  /** Tells whoever handles the request to stop. */
  protected cancel(reason: unknown): void {
    this.control({ kind: 'cancel', reply: this.reply });
    this.fail(cancelled(this.type, reason));
  }

  protected control(message: ControlMessage): void {
    if (this.sent && this.ports.inbox.isConnected && !this.ports.inbox.isClosed) {
      this.ports.connection.nc.publish(this.outgoing.contract.subjects.control, JSON.stringify(message));
    }
  }

  protected headers(): MsgHdrs {
    return requestHeaders(this.outgoing, this.ports.connection.clock.monotonic());
  }

  /** No further answer is awaited. */
  protected release(): void {
    this.released = true;
    this.ports.inbox.release(this.reply);
    if (this.onAbort) this.outgoing.signal?.removeEventListener('abort', this.onAbort);
  }

  protected fail(error: Error): void {
    this.release();
    this.failed(error);
  }

  private send(): void {
    if (this.sent || this.released) return;
    const { connection } = this.ports;
    try {
      connection.nc.publish(this.subject, this.outgoing.payload, {
        headers: this.headers(),
        reply: this.reply,
      });
      this.sent = true;
    } catch (error) {
      this.fail(unsendable(connection, this.outgoing, error));
    }
  }
}
