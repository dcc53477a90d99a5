import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

/** A proxy between client and server that can stop forwarding without closing anything: a partition. */
export class SilentProxy {
  private readonly sockets = new Set<Socket>();
  private losing: 'nothing' | 'answers' | 'everything' = 'nothing';

  private constructor(private readonly listener: Server) {}

  static async before(url: string): Promise<SilentProxy> {
    const { port, hostname } = new URL(url);
    const listener = createServer();
    const proxy = new SilentProxy(listener);
    listener.on('connection', (client) => proxy.link(client, connect(Number(port), hostname)));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** From now on nothing arrives on either side. */
  partition(): void {
    this.losing = 'everything';
  }

  /** From now on, what the server answers does not arrive. */
  loseAnswers(): void {
    this.losing = 'answers';
  }

  /** Cuts every connection; those that come after lose nothing. */
  mend(): void {
    this.losing = 'nothing';
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.mend();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private link(client: Socket, server: Socket): void {
    client.on('data', (data) => {
      if (this.losing !== 'everything') server.write(data);
    });
    server.on('data', (data) => {
      if (this.losing === 'nothing') client.write(data);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
