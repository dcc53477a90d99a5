import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { randomUUID } from 'node:crypto';
import { AppName, AppProcess } from './app.process.js';
import { BareClient } from './bare.client.js';
import { eventually } from './eventually.js';

export const NOTIFICATIONS = 'user-notifications';
export const ORDERS = 'EVENTS_order';

export interface NotificationPage {
  items: { id: string; type: string; at: string; text: string }[];
}

/** A real server, real app processes, and a client that knows nothing of Millrace. */
export class System {
  private readonly apps: AppProcess[] = [];

  private constructor(
    readonly server: NatsServer,
    readonly client: BareClient,
  ) {}

  static async start(): Promise<System> {
    const server = await startNatsServer();
    return new System(server, await BareClient.connect(server.url));
  }

  async startApp(name: AppName, env: Record<string, string> = {}): Promise<AppProcess> {
    const app = await AppProcess.start(name, this.server.url, env);
    this.apps.push(app);
    return app;
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.end('SIGKILL')));
    await this.client.close();
    await this.server.stop();
  }
}

/** An email that nobody else has. */
export const emailOf = (who: string = randomUUID()): string => `${who}@example.org`;

/** Registers a user and gives back the id. */
export const registerUser = async (user: AppProcess, name = 'Ada Lovelace'): Promise<string> => {
  const { status, body } = await user.post('/users', { name, email: emailOf() });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body['id'] as string;
};

export const LINES = [{ sku: 'MUG-01', quantity: 2, unitPriceCents: 1250 }];

/** Creates an order, once the order app has heard of the user, and gives back its id. */
export const createOrder = (order: AppProcess, userId: string): Promise<string> =>
  eventually(async () => {
    const { status, body } = await order.post('/orders', { userId, lines: LINES, currency: 'EUR' });
    expect({ status, body }).toMatchObject({ status: 201 });
    return body['id'] as string;
  });

export const notificationsOf = async (
  user: AppProcess,
  userId: string,
): Promise<NotificationPage['items']> => {
  const path = `/users/${encodeURIComponent(userId)}/notifications?limit=200`;
  const { status, body } = await user.get<NotificationPage>(path);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body.items;
};

/** An `order.created` as any client could publish it. */
export const plainOrder = (userId: string, orderId: string = randomUUID()) => ({
  orderId,
  userId,
  lines: LINES,
  totalCents: 2500,
  currency: 'EUR',
  createdAt: new Date().toISOString(),
});
