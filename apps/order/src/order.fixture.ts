import { UserRegistered } from '@millrace/contracts';
import { EventBus } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  type Answer,
  startApp,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { OrderConfig } from './order.config.js';

export interface OrderBody {
  id: string;
  userId: string;
  status: string;
  totalCents: number;
  history: { event: string; status: string; at: string; actor: string }[];
  [more: string]: unknown;
}

export interface PageBody {
  items: OrderBody[];
  nextOffset?: number;
}

export const LINES = [
  { sku: 'MUG-01', quantity: 2, unitPriceCents: 1250 },
  { sku: 'TEE-07', quantity: 1, unitPriceCents: 1999 },
];
export const LINES_CENTS = 4499;

export const ADDRESS = {
  name: 'Secret Person',
  street: '7 Hidden Lane',
  postalCode: 'XQ7 9ZZ',
  city: 'Nowhereville',
  country: 'GB',
};

/** The order app on a server of its own, and what to ask it. */
export class Shop {
  private constructor(
    readonly server: NatsServer,
    readonly app: TestApp,
  ) {}

  static async open(overrides: Partial<OrderConfig> = {}, root: typeof AppModule = AppModule): Promise<Shop> {
    const server = await startNatsServer();
    return new Shop(server, await startApp(root, testConfig(OrderConfig, server, overrides)));
  }

  async close(): Promise<void> {
    await this.app.stop();
    await this.server.stop();
  }

  /** A user who may order. */
  async customer(userId: string): Promise<void> {
    const event = new UserRegistered({
      userId,
      name: 'Ada',
      origin: 'api',
      registeredAt: new Date().toISOString(),
    });
    await this.app.get(EventBus).publish(event);
    await until(`${userId} is known`, async () => (await this.create({ userId })).status === 201);
  }

  create(fields: object): Promise<Answer> {
    return this.app.request('POST', '/orders', { lines: LINES, currency: 'EUR', ...fields });
  }

  do(id: string, action: string, body?: object): Promise<Answer> {
    return this.app.request('POST', `/orders/${id}/${action}`, body);
  }

  async order(id: string): Promise<OrderBody> {
    return (await this.app.request('GET', `/orders/${id}`)).body as OrderBody;
  }

  async list(query: string): Promise<PageBody> {
    return (await this.app.request('GET', `/orders?${query}`)).body as PageBody;
  }

  /** Bodies of the stored events of a context about an order, in order. */
  async events(id: string, context = 'order'): Promise<{ type: string; body: Record<string, unknown> }[]> {
    return (await storedEvents(this.app.connection, context))
      .filter(({ body }) => body['orderId'] === id)
      .map(({ subject, body }) => ({ type: subject.split('.').slice(1, 3).join('.'), body }));
  }

  /** Waits until an order has a status, and gives it back. */
  until(id: string, status: string): Promise<OrderBody> {
    return until(`${id} is ${status}`, async () => {
      const order = await this.order(id);
      return order.status === status && order;
    });
  }
}
