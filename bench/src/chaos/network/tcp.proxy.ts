import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { Cut } from '../schedule/fault.js';

/** One way from here to there that can be cut, and mended. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private cutAs: Cut | undefined;

  private constructor(
    private readonly listener: Server,
    private readonly target: URL,
  ) {}

  static async before(url: string): Promise<TcpProxy> {
    const listener = createServer({ allowHalfOpen: false });
    const proxy = new TcpProxy(listener, new URL(url));
    listener.on('connection', (from) => proxy.accept(from));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  /** Where to connect instead of the target. */
  get url(): string {
    return `${this.target.protocol}//127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  cut(how: Cut): void {
    this.cutAs = how;
    if (how === 'sever') this.destroyAll();
    // Nobody reads, so what is sent waits in the buffers of the system, as on a line that is down.
    else for (const socket of this.sockets()) socket.pause();
  }

  mend(): void {
    const was = this.cutAs;
    this.cutAs = undefined;
    if (was === 'freeze') for (const socket of this.sockets()) socket.resume();
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.destroyAll();
    await closed;
  }

  private accept(from: Socket): void {
    if (this.cutAs === 'sever') {
      from.resetAndDestroy();
      return;
    }
    const to = connect(Number(this.target.port), this.target.hostname);
    const pair = [from, to] as const;
    this.pairs.add(pair);
    for (const [socket, other] of [pair, [to, from] as const]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        other.destroy();
        this.pairs.delete(pair);
      });
      socket.on('data', (data) => {
        if (!other.write(data)) socket.pause();
      });
      other.on('drain', () => {
        if (this.cutAs === undefined) socket.resume();
      });
      if (this.cutAs === 'freeze') socket.pause();
    }
  }

  private *sockets(): Generator<Socket> {
    for (const pair of this.pairs) yield* pair;
  }

  private destroyAll(): void {
    for (const socket of this.sockets()) socket.resetAndDestroy();
  }
}
