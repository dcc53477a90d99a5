import { type INestApplicationContext } from '@nestjs/common';
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
import { type RootModule } from '@millrace-apps/shared';
import { AppModule } from './app.module.js';
import { OrderConfig } from './order.config.js';
import { type FakeUsers, startFakeUsers } from './users.fixture.js';

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

/** The order app on a server of its own, beside somebody who knows the users, and what to ask it. */
export class Shop {
  private constructor(
    readonly server: NatsServer,
    readonly app: TestApp,
    readonly users: FakeUsers,
    /** What the app goes by: a test may change it while it runs. */
    readonly config: OrderConfig,
    private readonly usersApp: INestApplicationContext,
  ) {}

  static async open(
    overrides: Partial<OrderConfig> = {},
    root: RootModule<OrderConfig> = AppModule,
  ): Promise<Shop> {
    const server = await startNatsServer();
    const fake = await startFakeUsers(server);
    const config = testConfig(OrderConfig, server, overrides);
    const app = await startApp(root, config);
    const shop = new Shop(server, app, fake.users, config, fake.app);
    shop.users.register('ada');
    return shop;
  }

  async close(): Promise<void> {
    await this.app.stop();
    await this.closeUsers();
    await this.server.stop();
  }

  /** Nobody answers any more whether a user is registered. */
  closeUsers(): Promise<void> {
    return this.usersApp.close();
  }

  /** Stops the delivery to a group until it is resumed. */
  async pause(group: string): Promise<{ resume(): Promise<void> }> {
    const subscription = this.app
      .get(EventBus)
      .subscriptions()
      .find(({ group: name }) => name === group);
    if (!subscription) throw new Error(`There is no group '${group}'`);
    await subscription.pause();
    return subscription;
  }

  /** Waits until a group has handled all that is stored of its context. */
  settled(group: string, context: string): Promise<unknown> {
    return until(`${group} has settled everything`, async () => {
      const { num_pending, num_ack_pending } = await this.app.connection.jsm.consumers.info(
        `EVENTS_${context}`,
        group,
      );
      return num_pending + num_ack_pending === 0;
    });
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

  /** The stored events of a context, in order. */
  async stored(context: string): Promise<{ type: string; body: Record<string, unknown> }[]> {
    return (await storedEvents(this.app.connection, context)).map(({ subject, body }) => ({
      type: subject.split('.').slice(1, 3).join('.'),
      body,
    }));
  }

  /** Those about an order. */
  async events(id: string, context = 'order'): ReturnType<Shop['stored']> {
    return (await this.stored(context)).filter(({ body }) => body['orderId'] === id);
  }

  /** An order that stands at `shipped`. */
  async shipped(id: string, fields: object = {}): Promise<void> {
    await this.create({ userId: 'ada', id, confirm: true, ...fields });
    await this.until(id, 'processing');
    await this.do(id, 'sign', { signedBy: 'Ada' });
    await this.until(id, 'shipped');
  }

  /** Waits until an order has a status, and gives it back. */
  until(id: string, status: string, timeoutMs?: number): Promise<OrderBody> {
    return until(
      `${id} is ${status}`,
      async () => {
        const order = await this.order(id);
        return order.status === status && order;
      },
      timeoutMs,
    );
  }
}
