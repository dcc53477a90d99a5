import { createInbox, Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';

/** One message, and who is told when it is stored. */
export interface Publishing {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly options: { headers?: MsgHdrs };
  readonly onStored: () => void;
}

/** Publishes with one inbox for all answers. */
export class AckInbox {
  private readonly inbox = createInbox();
  private readonly waiting = new Map<number, () => void>();
  private next = 0;

  constructor(private readonly nc: NatsConnection) {
    nc.subscribe(`${this.inbox}.*`, { callback: (_, message) => this.onAck(message) });
  }

  publish({ subject, body, options, onStored }: Publishing): void {
    const id = this.next++;
    this.waiting.set(id, onStored);
    this.nc.publish(subject, body, { ...options, reply: `${this.inbox}.${id}` });
  }

  private onAck(message: Msg): void {
    const id = Number(message.subject.slice(this.inbox.length + 1));
    const ack = message.json<{ seq?: number }>();
    if (!ack.seq) throw new Error(`not stored: ${message.string()}`);
    const onStored = this.waiting.get(id);
    this.waiting.delete(id);
    onStored?.();
  }
}

/** The pieces `first` to `first + count - 1`, `window` of them unconfirmed at once. */
export interface Pieces {
  readonly first: number;
  readonly count: number;
  readonly window: number;
}

/** Sends them all; resolves when all are stored. */
export const publishAll = (
  send: (n: number, onStored: () => void) => void,
  { first, count, window }: Pieces,
): Promise<void> =>
  new Promise((resolve) => {
    let sent = 0;
    let stored = 0;
    const onStored = (): void => {
      if (++stored === count) resolve();
      else if (sent < count) send(first + sent++, onStored);
    };
    while (sent < Math.min(window, count)) send(first + sent++, onStored);
  });
