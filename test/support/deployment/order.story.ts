import { randomUUID } from 'node:crypto';
import { AppProcess } from '../app.process.js';
import { eventually } from '../eventually.js';
import { emailOf, LINES, notificationsOf } from '../system.js';

const PATIENCE_MS = 60_000;
const ADDRESS = {
  name: 'Ada Lovelace',
  street: '12 St James’s Square',
  postalCode: 'SW1Y 4JH',
  city: 'London',
  country: 'GB',
};

/** Two replicas of an app: one is told, the other is asked. */
export type Replicas = readonly [told: AppProcess, asked: AppProcess];

/**
 * A customer and the orders of that customer, on a cluster that may be electing a leader at any moment: what is
 * refused with 503 is asked again, as a client should.
 */
export class OrderStory {
  private constructor(
    readonly userId: string,
    private readonly users: Replicas,
    private readonly orders: Replicas,
  ) {}

  static async begin(users: Replicas, orders: Replicas): Promise<OrderStory> {
    const registered = await eventually(async () => {
      const answer = await users[0].post('/users', { name: 'Ada Lovelace', email: emailOf() });
      expect(answer).toMatchObject({ status: 201 });
      return answer;
    }, PATIENCE_MS);
    return new OrderStory(registered.body['id'] as string, users, orders);
  }

  /** Creates an order and gives back its id. */
  async create(more: object = {}): Promise<string> {
    const id = randomUUID();
    const order = { id, userId: this.userId, currency: 'EUR', lines: LINES, address: ADDRESS, ...more };
    await eventually(async () => {
      const { status, body } = await this.orders[0].post('/orders', order);
      // 409 where the answer to an earlier attempt was lost.
      expect({ known: [201, 409].includes(status), body }).toMatchObject({ known: true });
    }, PATIENCE_MS);
    return id;
  }

  async step(id: string, name: string, body: object = {}): Promise<void> {
    await eventually(async () => {
      const { status, body: answer } = await this.orders[0].post(`/orders/${id}/${name}`, body);
      expect({ name, status, answer }).toMatchObject({ status: 200 });
    }, PATIENCE_MS);
  }

  async reaches(id: string, status: string): Promise<void> {
    await eventually(async () => {
      const { body } = await this.orders[1].get(`/orders/${id}`);
      expect(body).toMatchObject({ status });
    }, PATIENCE_MS);
  }

  /** What the customer was told of an order, oldest first. */
  async told(id: string): Promise<string[]> {
    const all = await notificationsOf(this.users[1], this.userId);
    return all
      .filter(({ text }) => text.includes(id))
      .map(({ type }) => type)
      .reverse();
  }
}
