import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

/** Somebody's web server, to whom webhooks are posted. */
export class HookReceiver {
  /** The texts of the notifications that came. */
  readonly texts: string[] = [];
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      this.texts.push((JSON.parse(body) as { data: { text: string } }).data.text);
      response.writeHead(204).end();
    });
  });

  static async start(): Promise<HookReceiver> {
    const receiver = new HookReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** Host and port, as `WEBHOOK_HOSTS` wants them. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
