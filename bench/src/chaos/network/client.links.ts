import { Cut } from '../schedule/fault.js';
import { TcpProxy } from './tcp.proxy.js';

/** The ways from one application to every server. */
export class ClientLinks {
  private constructor(private readonly proxies: readonly TcpProxy[]) {}

  static async to(urls: readonly string[]): Promise<ClientLinks> {
    return new ClientLinks(await Promise.all(urls.map((url) => TcpProxy.before(url))));
  }

  get urls(): readonly string[] {
    return this.proxies.map(({ url }) => url);
  }

  cut(how: Cut): void {
    for (const proxy of this.proxies) proxy.cut(how);
  }

  mend(): void {
    for (const proxy of this.proxies) proxy.mend();
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }
}
