import { Msg, MsgHdrs } from '@nats-io/transport-node';
import { CommandHeader, StreamMark } from '../wire/command.headers.js';
import { streamLost } from '../wire/command.errors.js';
import { Call, CallPorts } from './call.js';
import { Outgoing } from './outgoing.js';
import { ReplyReader } from './reply.reader.js';
import { ALIVE_MS, LOST_MS } from '../wire/stream.liveness.js';

export interface StreamCallOptions {
  reader: ReplyReader;
  /** How many items may be under way. */
  window: number;
}

type Arrival = { kind: 'item'; message: Msg } | { kind: 'end' } | { kind: 'error'; error: Error };

/** A request for a streaming reply, as an async iterable. The handler stops where credit ends. */
export class StreamCall extends Call implements AsyncIterableIterator<unknown> {
  private readonly arrivals: Arrival[] = [];
  private wake: (() => void) | undefined;
  private received = 0;
  private taken = 0;
  private over = false;
  private lastHeard: number;
  private lastSaid: number;

  constructor(
    ports: CallPorts,
    outgoing: Outgoing,
    private readonly own: StreamCallOptions,
  ) {
    super(ports, outgoing, outgoing.contract.subjects.one);
    this.lastHeard = this.lastSaid = ports.connection.clock.monotonic();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown>> {
    while (this.arrivals.length === 0 && !this.over) await new Promise<void>((wake) => (this.wake = wake));
    const arrival = this.arrivals.shift();
    if (!arrival || arrival.kind === 'end') return this.finish();
    if (arrival.kind === 'error') {
      this.finish();
      throw arrival.error;
    }
    return { done: false, value: await this.take(arrival.message) };
  }

  /** Leaves the loop: the handler is told to stop. */
  return(): Promise<IteratorResult<unknown>> {
    if (!this.over) {
      this.control({ kind: 'cancel', reply: this.reply });
      this.release();
    }
    this.arrivals.length = 0;
    return Promise.resolve(this.finish());
  }

  override tick(now: number): void {
    if (now >= this.outgoing.deadline) return this.expired();
    if (now - this.lastHeard > LOST_MS) return this.fail(streamLost(this.type));
    if (now - this.lastSaid > ALIVE_MS) this.give(0, now);
  }

  protected override headers(): MsgHdrs {
    const headers = super.headers();
    headers.append(CommandHeader.Credits, String(this.own.window));
    return headers;
  }

  protected answered(message: Msg): void {
    this.lastHeard = this.ports.connection.clock.monotonic();
    const [mark, count] = readMark(message);
    if (mark === StreamMark.Alive) return;
    // What was sent while a connection was away is gone.
    if (count !== undefined && count !== this.received) return this.fail(streamLost(this.type));
    this.received++;
    if (mark === StreamMark.End) this.arrive({ kind: 'end' });
    else this.arrive({ kind: 'item', message });
    // Anything else than an item ends the stream: an error, or a handler's only reply.
    if (mark !== StreamMark.Item) this.close();
  }

  protected failed(error: Error): void {
    this.arrive({ kind: 'error', error });
    this.close();
  }

  private async take(message: Msg): Promise<unknown> {
    if (++this.taken * 2 >= this.own.window) {
      this.give(this.taken, this.ports.connection.clock.monotonic());
      this.taken = 0;
    }
    try {
      return await this.own.reader.read(this.outgoing.contract, message);
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  private give(credits: number, now: number): void {
    this.lastSaid = now;
    if (!this.over) this.control({ kind: 'credit', reply: this.reply, credits });
  }

  private arrive(arrival: Arrival): void {
    this.arrivals.push(arrival);
    this.wake?.();
  }

  private close(): void {
    this.over = true;
    this.release();
    // A handler's only reply has no end of its own.
    if (this.arrivals.at(-1)?.kind === 'item') this.arrivals.push({ kind: 'end' });
  }

  private finish(): IteratorResult<unknown> {
    this.over = true;
    this.wake?.();
    return { done: true, value: undefined };
  }
}

const readMark = ({ headers }: Msg): [mark: string | undefined, count: number | undefined] => {
  const [mark, count] = (headers?.get(CommandHeader.Stream) ?? '').split(' ');
  return [mark, count === undefined ? undefined : Number(count)];
};
