import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Activity } from '../run/activity.js';
import { ApiAnswer, ApiClient, textField } from './api.client.js';

const PAUSE_MS = 300;
const NAMES = [
  'Ada Lovelace',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Alan Turing',
  'Radia Perlman',
];
const SKUS = ['MUG-01', 'TEA-07', 'PEN-12', 'BOOK-3'];
/** The order app learns of users from events: one who registered a moment ago is known there in a moment. */
const PROPAGATION_MS = 5000;
const PROPAGATION_PAUSE_MS = 50;
/** Users who stay registered, so that orders always find one. */
const MIN_USERS = 3;

export interface TrafficApis {
  readonly user: ApiClient;
  readonly order: ApiClient;
}

/** A few requests per second, as people might send them; every answer is checked. */
export class Traffic implements Activity {
  readonly problems: string[] = [];
  private readonly users: string[] = [];
  private turn = 0;
  private orderId: string | undefined;

  constructor(private readonly apis: TrafficApis) {}

  async run(stop: AbortSignal): Promise<void> {
    const steps = [
      () => this.register(),
      () => this.createOrder(),
      () => this.readNotifications(),
      () => this.createOrder(),
      () => this.readOrder(),
      () => this.register(),
      () => this.createOrder(),
      () => this.sendNonsense(),
      () => this.unregister(),
    ];
    while (!stop.aborted) {
      const step = steps[this.turn++ % steps.length];
      try {
        await step?.();
      } catch (error) {
        this.problems.push(error instanceof Error ? error.message : String(error));
      }
      await delay(PAUSE_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  private async register(): Promise<void> {
    const name = pick(NAMES, this.turn);
    const email = `${name.toLowerCase().replace(' ', '.')}.${randomUUID()}@example.org`;
    const answer = await this.expect(201, 'POST /users', this.apis.user.post('/users', { name, email }));
    if (answer) this.users.push(textField(answer, 'id'));
  }

  private async createOrder(): Promise<void> {
    const userId = this.someUser();
    if (userId === undefined) return;
    const lines = [{ sku: pick(SKUS, this.turn), quantity: 1 + (this.turn % 3), unitPriceCents: 450 }];
    const answer = await this.expect(
      201,
      'POST /orders',
      this.onceKnown(() => this.apis.order.post('/orders', { userId, lines, currency: 'EUR' })),
    );
    if (answer) this.orderId = textField(answer, 'id');
  }

  private async readOrder(): Promise<void> {
    if (this.orderId === undefined) return;
    await this.expect(
      200,
      'GET /orders/:id',
      this.apis.order.get(`/orders/${encodeURIComponent(this.orderId)}`),
    );
  }

  private async readNotifications(): Promise<void> {
    const userId = this.users[0];
    if (userId === undefined) return;
    const path = `/users/${encodeURIComponent(userId)}/notifications`;
    await this.expect(200, 'GET /users/:id/notifications', this.apis.user.get(path));
  }

  private async sendNonsense(): Promise<void> {
    await this.expect(400, 'POST /users without a name', this.apis.user.post('/users', { email: 'nobody' }));
  }

  private async unregister(): Promise<void> {
    if (this.users.length <= MIN_USERS) return;
    const userId = this.users.shift();
    if (userId === undefined) return;
    await this.expect(
      204,
      'DELETE /users/:id',
      this.apis.user.delete(`/users/${encodeURIComponent(userId)}`),
    );
  }

  private someUser(): string | undefined {
    return pick(this.users, this.turn);
  }

  private async onceKnown(send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
    const deadline = performance.now() + PROPAGATION_MS;
    let answer = await send();
    while (answer.status === 404 && performance.now() < deadline) {
      await delay(PROPAGATION_PAUSE_MS);
      answer = await send();
    }
    return answer;
  }

  private async expect(
    status: number,
    request: string,
    sending: Promise<ApiAnswer>,
  ): Promise<ApiAnswer | undefined> {
    const answer = await sending;
    if (answer.status === status) return answer;
    this.problems.push(
      `${request} was answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`,
    );
    return undefined;
  }
}

function pick(list: readonly string[], at: number): string;
function pick(list: string[], at: number): string | undefined;
function pick(list: readonly string[], at: number): string | undefined {
  return list[at % list.length];
}
