import { ClusterRoute } from '@millrace/nats-server';
import { Cut } from '../schedule/fault.js';
import { TcpProxy } from './tcp.proxy.js';

interface Way extends ClusterRoute {
  readonly proxy: TcpProxy;
}

/** The ways between the servers of a cluster. */
export class ServerLinks {
  private readonly ways: Way[] = [];

  /** Lays a way; resolves to where it begins. */
  async lay(route: ClusterRoute): Promise<string> {
    const proxy = await TcpProxy.before(route.url);
    this.ways.push({ ...route, proxy });
    return proxy.url;
  }

  /** Cuts a server off from all the others. */
  isolate(name: string, how: Cut): void {
    for (const { proxy } of this.waysOf(name)) proxy.cut(how);
  }

  rejoin(name: string): void {
    for (const { proxy } of this.waysOf(name)) proxy.mend();
  }

  async close(): Promise<void> {
    await Promise.all(this.ways.map(({ proxy }) => proxy.close()));
  }

  private waysOf(name: string): Way[] {
    return this.ways.filter(({ from, to }) => from === name || to === name);
  }
}
