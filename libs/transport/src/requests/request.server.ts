import { createInbox, headers as createHeaders, Msg, MsgHdrs, Subscription } from '@nats-io/transport-node';
import { errorMessage, HeaderMap, MillraceConnection, readHeaders } from '@millrace/core';
import { overloaded } from './request.errors.js';
import { CANCEL_HEADER, ReplyPacket, RequestPacket, toRequestPacket } from './wire.js';

/** A request that arrived. */
export interface IncomingRequest {
  readonly subject: string;
  readonly data: unknown;
  readonly headers: HeaderMap;
  /** Aborts when the caller is gone, or the service can wait no longer. */
  readonly signal: AbortSignal;
  /** Sends one reply. Does nothing where the sender waits for none. */
  readonly reply: (packet: ReplyPacket) => void;
}

export interface RequestRoute {
  /** With wildcards or without. */
  readonly subject: string;
  /** The replicas that share it; `undefined`: each gets every request. */
  readonly queue: string | undefined;
  /** Resolves when the last reply has been sent. */
  readonly handle: (request: IncomingRequest) => Promise<void>;
}

interface Running {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Serves requests over core NATS, a bounded number at once. */
export class RequestServer {
  private readonly subscriptions: Subscription[] = [];
  private readonly running = new Map<string, Running>();
  private readonly cancelInbox: string;
  private nextId = 0;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly maxRequests: number,
  ) {
    this.cancelInbox = `${createInbox(connection.inboxPrefix)}.`;
    const callback = (error: Error | null, { subject }: Msg): void => {
      if (!error) this.running.get(subject.slice(this.cancelInbox.length))?.abort.abort();
    };
    this.subscriptions.push(connection.nc.subscribe(`${this.cancelInbox}*`, { callback }));
  }

  add(route: RequestRoute): void {
    const { nc, log } = this.connection;
    const callback = (error: Error | null, message: Msg): void => {
      if (error) log.error(`Requests to '${route.subject}' are refused: ${error.message}`);
      else this.onMessage(route, message);
    };
    const { queue } = route;
    this.subscriptions.push(
      nc.subscribe(route.subject, queue === undefined ? { callback } : { callback, queue }),
    );
  }

  /** Takes no more, waits for what runs, `timeoutMs` at most, then tells it to stop. */
  async close(timeoutMs: number): Promise<void> {
    const { clock, nc } = this.connection;
    if (!nc.isClosed()) for (const subscription of this.subscriptions) subscription.unsubscribe();
    const timer = clock.after(timeoutMs, () => {
      for (const { abort } of this.running.values()) abort.abort();
    });
    await Promise.all([...this.running.values()].map(({ done }) => done));
    timer.cancel();
  }

  private onMessage(route: RequestRoute, message: Msg): void {
    const { codec, log } = this.connection;
    const { subject, data, headers } = message;
    let packet: RequestPacket;
    let headerMap: HeaderMap;
    try {
      packet = toRequestPacket(data.length === 0 ? undefined : codec.decode(data), subject);
      headerMap = readHeaders(headers);
    } catch (error) {
      return log.warn(`A request to '${subject}' cannot be read: ${errorMessage(error)}`);
    }
    if (this.running.size >= this.maxRequests) {
      return this.answer(message, packet, overloaded(subject, this.maxRequests));
    }
    const runId = (this.nextId++).toString(36);
    const abort = new AbortController();
    const more = createHeaders();
    more.set(CANCEL_HEADER, this.cancelInbox + runId);
    const done = route
      .handle({
        subject,
        data: packet.data,
        headers: headerMap,
        signal: abort.signal,
        reply: (reply) => this.answer(message, packet, reply, more),
      })
      .catch((error: unknown) => log.error(`'${subject}': ${errorMessage(error)}`))
      .then(() => void this.running.delete(runId));
    this.running.set(runId, { abort, done });
  }

  private answer({ reply: to }: Msg, { id }: RequestPacket, reply: ReplyPacket, more?: MsgHdrs): void {
    const { nc, codec } = this.connection;
    if (!to || nc.isClosed()) return;
    if (id !== undefined) {
      const headers = reply.isDisposed || !more ? {} : { headers: more };
      return nc.publish(to, codec.encode({ ...reply, id }), headers);
    }
    // A sender that gave no id knows nothing of packets: it gets the bare value.
    if (reply.err !== undefined) nc.publish(to, codec.encode({ err: reply.err, isDisposed: true }));
    else if ('response' in reply) nc.publish(to, codec.encode(reply.response ?? null));
  }
}
