import { createInbox, Msg } from '@nats-io/transport-node';
import { StoredMsg } from '@nats-io/jetstream';
import { MillraceConnection } from '@millrace/core';

/** What a read of a stored message answers. */
export type StoredMessage = Pick<StoredMsg, 'subject' | 'seq' | 'header' | 'data' | 'time'>;

interface Pending {
  resolve: (message: StoredMessage | null) => void;
  reject: (error: Error) => void;
}

/** After this a request that is still open is not answered any more, but asked again elsewhere. */
const ROTATE_MS = 2000;
const NOT_FOUND = 404;

const readers = new WeakMap<MillraceConnection, DirectReader>();

/**
 * Direct reads (ADR-31) over one inbox subscription for all. The client's own request makes an error object and
 * a timer for each, which costs more than the read. A request whose answer is lost stays open: who asks has
 * its own patience, and asks again in another way.
 */
export class DirectReader {
  private readonly inbox: string;
  private pending = new Map<number, Pending>();
  private older = new Map<number, Pending>();
  private rotatedAt: number;
  private lastId = 0;
  private subscribed = false;

  private constructor(private readonly connection: MillraceConnection) {
    this.inbox = `${createInbox(connection.inboxPrefix)}.`;
    this.rotatedAt = connection.clock.monotonic();
  }

  static of(connection: MillraceConnection): DirectReader {
    const reader = readers.get(connection) ?? new DirectReader(connection);
    readers.set(connection, reader);
    return reader;
  }

  /** The newest message of a subject; `null` where there is none. */
  latest(stream: string, subject: string): Promise<StoredMessage | null> {
    return new Promise((resolve, reject) => {
      this.subscribe();
      this.rotate();
      const id = ++this.lastId;
      this.connection.nc.publish(`$JS.API.DIRECT.GET.${stream}.${subject}`, undefined, {
        reply: this.inbox + id.toString(36),
      });
      this.pending.set(id, { resolve, reject });
    });
  }

  private subscribe(): void {
    if (this.subscribed) return;
    this.connection.nc.subscribe(`${this.inbox}*`, {
      callback: (error, message) => {
        if (!error) this.onAnswer(message);
      },
    });
    this.subscribed = true;
  }

  private onAnswer(message: Msg): void {
    const id = Number.parseInt(message.subject.slice(this.inbox.length), 36);
    const asked = this.pending.get(id) ?? this.older.get(id);
    if (!asked) return;
    this.pending.delete(id);
    this.older.delete(id);
    const { headers, data } = message;
    if (headers?.code === NOT_FOUND) return asked.resolve(null);
    if (!headers || headers.code !== 0) {
      return asked.reject(new Error(headers?.description || 'not the answer to a direct read'));
    }
    asked.resolve({
      subject: headers.get('Nats-Subject'),
      seq: Number(headers.get('Nats-Sequence')),
      header: headers,
      data,
      time: new Date(headers.get('Nats-Time-Stamp')),
    });
  }

  private rotate(): void {
    const now = this.connection.clock.monotonic();
    if (now - this.rotatedAt < ROTATE_MS) return;
    for (const { reject } of this.older.values()) reject(new Error('no answer'));
    this.older = this.pending;
    this.pending = new Map();
    this.rotatedAt = now;
  }
}
