import { createServer } from 'node:http';
import { once } from 'node:events';
import { AddressInfo } from 'node:net';

export interface ShopOrder {
  readonly id: string;
  readonly userId: string;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly unitPriceCents: number;
  }[];
  readonly confirm: boolean;
  status: string;
}

interface User {
  readonly id: string;
  readonly email: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Stands in for the two apps' APIs as far as the input uses them, over HTTP. */
export class Shop {
  readonly users = new Map<string, User>();
  /** In the order of their creation. */
  readonly orders = new Map<string, ShopOrder>();
  readonly requests: string[] = [];
  /** What to answer instead; `undefined` lets the request through. */
  intercept: (request: string) => Answer | undefined = () => undefined;
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const what = `${request.method ?? ''} ${request.url ?? ''}`;
      this.requests.push(what);
      const { status, body } =
        this.intercept(what) ?? this.answer(what, text === '' ? {} : (JSON.parse(text) as object));
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0.01' });
      response.end(JSON.stringify(body));
    });
  });

  /** Resolves to its URL. */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(what: string, body: object): Answer {
    const [method = '', url = ''] = what.split(' ');
    const { pathname, searchParams } = new URL(url, 'http://shop');
    const [, resource, id, action] = pathname.split('/').map(decodeURIComponent);
    if (method === 'POST' && resource === 'users') return this.register(body as User);
    if (method === 'POST' && id === undefined) return this.order(body as ShopOrder);
    if (method === 'GET' && id === undefined) return this.list(searchParams);
    const order = this.orders.get(id ?? '');
    if (!order) return { status: 404, body: { code: 'ORDER_UNKNOWN' } };
    if (action !== 'cancel') return { status: 200, body: order };
    if (!['confirmed', 'processing'].includes(order.status)) return conflict('ILLEGAL_TRANSITION');
    order.status = 'cancelled';
    return { status: 200, body: order };
  }

  private register(user: User): Answer {
    if (this.users.has(user.id)) return conflict('USER_EXISTS');
    this.users.set(user.id, user);
    return { status: 201, body: user };
  }

  private order(order: ShopOrder): Answer {
    if (!this.users.has(order.userId)) return { status: 404, body: { code: 'USER_UNKNOWN' } };
    if (this.orders.has(order.id)) return conflict('ORDER_EXISTS');
    this.orders.set(order.id, { ...order, status: 'processing' });
    return { status: 201, body: order };
  }

  private list(query: URLSearchParams): Answer {
    const [limit, offset] = ['limit', 'offset'].map((name) => Number(query.get(name))) as [number, number];
    const all = [...this.orders.values()].filter(({ userId }) => userId === query.get('userId')).reverse();
    const items = all.slice(offset, offset + limit);
    return {
      status: 200,
      body: { items, ...(offset + limit < all.length ? { nextOffset: offset + limit } : {}) },
    };
  }
}

const conflict = (code: string): Answer => ({ status: 409, body: { code } });
