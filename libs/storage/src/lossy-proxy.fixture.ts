import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

/** A proxy between client and server that can lose what goes through it. */
export class LossyProxy {
  private readonly links = new Set<{ client: Socket; server: Socket }>();
  private losing: 'nothing' | 'answers' | 'requests' = 'nothing';

  private constructor(private readonly listener: Server) {}

  static async before(url: string): Promise<LossyProxy> {
    const target = new URL(url);
    const listener = createServer();
    const proxy = new LossyProxy(listener);
    listener.on('connection', (client) => proxy.link(client, Number(target.port), target.hostname));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** From now on, what the server answers does not arrive. */
  loseAnswers(): void {
    this.losing = 'answers';
  }

  /** From now on, what the client sends does not arrive. */
  loseRequests(): void {
    this.losing = 'requests';
  }

  /** Cuts every connection; those that come after lose nothing. */
  mend(): void {
    this.losing = 'nothing';
    for (const { client, server } of this.links) {
      client.destroy();
      server.destroy();
    }
  }

  async stop(): Promise<void> {
    this.mend();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private link(client: Socket, port: number, host: string): void {
    const server = connect(port, host);
    const link = { client, server };
    this.links.add(link);
    client.on('data', (data) => {
      if (this.losing !== 'requests') server.write(data);
    });
    server.on('data', (data) => {
      if (this.losing !== 'answers') client.write(data);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        other.destroy();
        this.links.delete(link);
      });
    }
  }
}
