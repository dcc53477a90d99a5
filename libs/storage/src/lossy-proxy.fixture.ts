import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

/** A proxy between client and server that can lose what goes through it. */
export class LossyProxy {
  private readonly links = new Set<{ client: Socket; server: Socket }>();
  private losing: 'nothing' | 'answers' | 'requests' | { requestsFrom: string } = 'nothing';
  private lost = false;

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

  /** From `text` on, what the client sends does not arrive. */
  loseRequestsFrom(text: string): void {
    this.losing = { requestsFrom: text };
  }

  /** Whether anything was lost since the last mending. */
  get hasLost(): boolean {
    return this.lost;
  }

  /** Cuts every connection; those that come after lose nothing. */
  mend(): void {
    this.losing = 'nothing';
    this.lost = false;
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

  private keptOf(request: Buffer): Buffer {
    if (this.losing === 'requests') return request.subarray(0, 0);
    if (typeof this.losing === 'string') return request;
    const at = request.indexOf(this.losing.requestsFrom);
    if (at < 0) return request;
    this.losing = 'requests';
    return request.subarray(0, at);
  }

  private link(client: Socket, port: number, host: string): void {
    const server = connect(port, host);
    const link = { client, server };
    this.links.add(link);
    client.on('data', (data) => {
      const kept = this.keptOf(data);
      if (kept.length < data.length) this.lost = true;
      if (kept.length > 0) server.write(kept);
    });
    server.on('data', (data) => {
      if (this.losing === 'answers') this.lost = true;
      else client.write(data);
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
