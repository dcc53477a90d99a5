import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { Clock } from '@millrace/core';
import { CommandHeader, StreamMark } from '../wire/command.headers.js';
import { streamLost } from '../wire/command.errors.js';
import { ALIVE_MS, LOST_MS } from '../wire/stream.liveness.js';
import { RequestContext } from './request.context.js';
import { Answer } from '../wire/answer.js';

const NOTHING = new Uint8Array();

export interface StreamPorts {
  clock: Clock;
  encode: (item: unknown) => Uint8Array | Promise<Uint8Array>;
  send: (answer: Answer) => void;
}

/** Sends a handler's items as far as the caller's credit goes, and stops the handler when the caller is gone. */
export class StreamSender {
  private credits: number;
  private sent = 0;
  private wake: (() => void) | undefined;
  private lastHeard: number;
  private lastSaid: number;
  private readonly aborted: Promise<void>;

  constructor(
    private readonly context: RequestContext,
    private readonly ports: StreamPorts,
  ) {
    this.credits = context.credits;
    this.lastHeard = this.lastSaid = ports.clock.monotonic();
    const { signal } = context;
    this.aborted = new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The caller is there, and takes so many items more. */
  credit(credits: number): void {
    this.lastHeard = this.ports.clock.monotonic();
    this.credits += credits;
    this.wake?.();
  }

  tick(now: number): void {
    if (now - this.lastHeard > LOST_MS) this.context.abort(streamLost(this.context.type));
    if (now - this.lastSaid > ALIVE_MS) this.say(StreamMark.Alive);
  }

  /** Resolves when all is sent. @throws what the handler throws, or what the signal aborted with. */
  async sendAll(items: AsyncIterable<unknown>): Promise<void> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        await this.forCredit();
        // A handler that does not listen to its signal must not keep the stream open.
        const next = await Promise.race([iterator.next(), this.aborted]);
        if (!next) throw this.context.signal.reason;
        if (next.done) break;
        await this.send(next.value);
      }
    } finally {
      // Not awaited: a generator that is busy ends when it comes to its next yield.
      iterator.return?.().catch(() => undefined);
    }
    this.say(`${StreamMark.End} ${this.sent}`);
  }

  private async forCredit(): Promise<void> {
    while (this.credits === 0 && !this.context.signal.aborted) {
      await Promise.race([new Promise<void>((wake) => (this.wake = wake)), this.aborted]);
    }
    if (this.context.signal.aborted) throw this.context.signal.reason;
  }

  private async send(item: unknown): Promise<void> {
    const payload = await this.ports.encode(item);
    this.say(`${StreamMark.Item} ${this.sent}`, payload);
    this.sent++;
    this.credits--;
  }

  private say(mark: string, payload: Uint8Array = NOTHING): void {
    this.lastSaid = this.ports.clock.monotonic();
    this.ports.send({ payload, headers: marked(mark) });
  }
}

const marked = (mark: string): MsgHdrs => {
  const headers = createHeaders();
  headers.append(CommandHeader.Stream, mark);
  return headers;
};
