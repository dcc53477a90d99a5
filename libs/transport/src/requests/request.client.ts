import { createInbox, Msg, Subscription } from '@nats-io/transport-node';
import { HeaderMap, MillraceConnection, TimerHandle, toError } from '@millrace/core';
import { noHandler, noReply, unreadableReply } from './request.errors.js';
import { CANCEL_HEADER, isNoResponders, ReplyPacket, toNatsHeaders, toReplyPacket } from './wire.js';

export interface OutgoingRequest {
  readonly subject: string;
  readonly data: unknown;
  readonly headers: HeaderMap;
  /** For the first reply, and then for each next one. Milliseconds. */
  readonly timeoutMs: number;
  /** Called for each reply; a packet with `isDisposed` is the last, and so is one with `err`. */
  readonly onReply: (packet: ReplyPacket) => void;
}

interface Waiting {
  readonly request: OutgoingRequest;
  deadline: number;
  /** Of each replica that has more to send. */
  readonly cancelSubjects: Set<string>;
}

/** How often overdue requests are looked for. */
const SWEEP_MS = 50;

/** Requests with any number of replies, over one inbox: no subscription and no timer of their own. */
export class RequestClient {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly waiting = new Map<string, Waiting>();
  private sweep: TimerHandle | undefined;
  private nextId = 0;

  constructor(private readonly connection: MillraceConnection) {
    this.inbox = `${createInbox(connection.inboxPrefix)}.`;
    this.subscription = connection.nc.subscribe(`${this.inbox}*`, {
      callback: (error, message) => {
        if (!error) this.onMessage(message);
      },
    });
  }

  /** Sends it. Returns how to give up waiting, which the handler is told of. @throws where it cannot be sent */
  send(request: OutgoingRequest): () => void {
    const { clock, codec, nc } = this.connection;
    const id = (this.nextId++).toString(36);
    const { subject, data } = request;
    const headers = toNatsHeaders(request.headers);
    const deadline = clock.monotonic() + request.timeoutMs;
    nc.publish(subject, codec.encode({ pattern: subject, data, id }), {
      reply: this.inbox + id,
      ...(headers ? { headers } : {}),
    });
    this.waiting.set(id, { request, deadline, cancelSubjects: new Set() });
    this.sweep ??= clock.every(SWEEP_MS, () => this.onSweep());
    return () => this.cancel(id);
  }

  /** Fails what waits. */
  close(error: Error): void {
    this.sweep?.cancel();
    for (const id of this.waiting.keys()) this.end(id, { err: error });
    if (!this.connection.nc.isClosed()) this.subscription.unsubscribe();
  }

  private onMessage(message: Msg): void {
    const id = message.subject.slice(this.inbox.length);
    const waiting = this.waiting.get(id);
    if (!waiting) return this.decline(message);
    const { request } = waiting;
    if (isNoResponders(message)) return this.end(id, { err: noHandler(request.subject) });
    let packet: ReplyPacket;
    try {
      packet = toReplyPacket(this.connection.codec.decode(message.data));
    } catch (error) {
      return this.end(id, { err: unreadableReply(request.subject, toError(error)) });
    }
    const { err, isDisposed } = packet;
    if (isDisposed || (err !== undefined && err !== null)) return this.end(id, packet);
    waiting.deadline = this.connection.clock.monotonic() + request.timeoutMs;
    const cancelSubject = message.headers?.get(CANCEL_HEADER);
    if (cancelSubject) waiting.cancelSubjects.add(cancelSubject);
    request.onReply(packet);
  }

  private end(id: string, packet: ReplyPacket): void {
    const waiting = this.waiting.get(id);
    if (!this.waiting.delete(id)) return;
    waiting?.request.onReply({ ...packet, isDisposed: true });
  }

  private cancel(id: string): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    for (const subject of waiting?.cancelSubjects ?? []) this.tell(subject);
  }

  // A reply that nobody waits for any more: its handler may have many more to send.
  private decline({ headers }: Msg): void {
    const subject = headers?.get(CANCEL_HEADER);
    if (subject) this.tell(subject);
  }

  private tell(cancelSubject: string): void {
    const { nc } = this.connection;
    if (!nc.isClosed() && !nc.isDraining()) nc.publish(cancelSubject);
  }

  private onSweep(): void {
    const now = this.connection.clock.monotonic();
    for (const [id, { request, deadline, cancelSubjects }] of this.waiting) {
      if (now < deadline) continue;
      for (const subject of cancelSubjects) this.tell(subject);
      this.end(id, { err: noReply(request.subject, request.timeoutMs) });
    }
    if (this.waiting.size > 0) return;
    this.sweep?.cancel();
    this.sweep = undefined;
  }
}
