import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

/** How much a client says before it is gone: whole frames, and half of the next one. */
export interface Cut {
  frames: number;
  half: boolean;
}

/**
 * Stands for the death of a client: to the server, a SIGKILL at any instant is a prefix of the bytes that the
 * client would have sent. Once armed, it passes on that prefix and no more, and nothing comes back.
 */
export class CuttingProxy {
  private readonly sockets = new Set<Socket>();
  private left: Cut | undefined;
  private passedOn = 0;
  private announce: () => void = () => undefined;
  /** Resolves when the client was cut off. */
  readonly cut = new Promise<void>((resolve) => (this.announce = resolve));

  private constructor(private readonly listener: Server) {}

  static async before(url: string): Promise<CuttingProxy> {
    const target = new URL(url);
    const listener = createServer();
    const proxy = new CuttingProxy(listener);
    listener.on('connection', (client) => proxy.link(client, connect(Number(target.port), target.hostname)));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Frames passed on since it was armed. */
  get frames(): number {
    return this.passedOn;
  }

  /** From now on, no more than this is passed on. */
  arm(cut: Cut): void {
    this.left = { ...cut };
  }

  stop(): void {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
    this.announce();
  }

  private link(client: Socket, server: Socket): void {
    let unsent = Buffer.alloc(0);
    client.on('data', (data) => {
      unsent = Buffer.concat([unsent, data]);
      for (let length = frameLength(unsent); length > 0; length = frameLength(unsent)) {
        if (this.left?.frames === 0) return this.cutOff(server, unsent.subarray(0, length));
        server.write(unsent.subarray(0, length));
        unsent = unsent.subarray(length);
        if (!this.left) continue;
        this.left.frames--;
        this.passedOn++;
      }
    });
    server.on('data', (data) => client.write(data));
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    }
  }

  private cutOff(server: Socket, next: Buffer): void {
    // What was written reaches the server, as what a process wrote before its death does.
    server.end(next.subarray(0, this.left?.half ? Math.ceil(next.length / 2) : 0));
    this.sockets.delete(server);
    this.stop();
  }
}

const LINE_END = '\r\n';

/** The bytes of the first whole frame of the client's protocol; 0 where there is none yet. */
const frameLength = (bytes: Buffer): number => {
  const lineEnd = bytes.indexOf(LINE_END);
  if (lineEnd < 0) return 0;
  const line = bytes.toString('latin1', 0, lineEnd);
  const withBody = /^H?PUB /.test(line);
  const body = withBody ? Number(line.slice(line.lastIndexOf(' ') + 1)) + LINE_END.length : 0;
  const length = lineEnd + LINE_END.length + body;
  return bytes.length < length ? 0 : length;
};
