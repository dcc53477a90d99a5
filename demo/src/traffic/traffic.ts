import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Activity } from '../run/activity.js';
import { textField } from './api.client.js';
import { Api, Expectations } from './expectations.js';
import { OrderDesk } from './order.desk.js';

const PAUSE_MS = 250;
const NAMES = [
  'Ada Lovelace',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Alan Turing',
  'Radia Perlman',
];
/** Users who stay registered, so that orders always find one. */
const MIN_USERS = 3;

export interface TrafficApis {
  readonly user: Api;
  readonly order: Api;
}

/** A few requests per second, as people might send them; every answer is checked. */
export class Traffic implements Activity {
  private readonly expectations = new Expectations();
  private readonly desk: OrderDesk;
  private readonly users: string[] = [];
  private turn = 0;

  constructor(private readonly apis: TrafficApis) {
    this.desk = new OrderDesk(apis.order, this.expectations);
  }

  get problems(): readonly string[] {
    return this.expectations.problems;
  }

  async run(stop: AbortSignal): Promise<void> {
    const steps = [
      () => this.register(),
      () => this.createOrder(),
      () => this.desk.advance(),
      () => this.readNotifications(),
      () => this.createOrder(),
      () => this.desk.advance(),
      () => this.desk.readHistory(),
      () => this.register(),
      () => this.desk.advance(),
      () => this.createOrder(),
      () => this.desk.advance(),
      () => this.sendNonsense(),
      () => this.unregister(),
      () => this.desk.advance(),
    ];
    while (!stop.aborted) {
      const step = steps[this.turn++ % steps.length];
      try {
        await step?.();
      } catch (error) {
        this.expectations.problems.push(error instanceof Error ? error.message : String(error));
      }
      await delay(PAUSE_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  private async register(): Promise<void> {
    const name = pick(NAMES, this.turn) ?? '';
    const email = `${name.toLowerCase().replace(' ', '.')}.${randomUUID()}@example.org`;
    const sending = this.apis.user.post('/users', { name, email });
    const answer = await this.expectations.of(201, 'POST /users', sending);
    if (answer) this.users.push(textField(answer, 'id'));
  }

  private async createOrder(): Promise<void> {
    const userId = pick(this.users, this.turn);
    if (userId !== undefined) await this.desk.create(userId);
  }

  private async readNotifications(): Promise<void> {
    const [userId] = this.users;
    if (userId === undefined) return;
    const path = `/users/${encodeURIComponent(userId)}/notifications`;
    const sending = this.apis.user.get(path);
    const answer = await this.expectations.of(200, 'GET /users/:id/notifications', sending);
    const { unread } = (answer?.body ?? {}) as { unread?: number };
    if (unread === 0) return;
    const marking = this.apis.user.post(`${path}/read`);
    await this.expectations.of(200, 'POST /users/:id/notifications/read', marking);
  }

  private async sendNonsense(): Promise<void> {
    const sending = this.apis.user.post('/users', { email: 'nobody' });
    await this.expectations.of(400, 'POST /users without a name', sending);
  }

  private async unregister(): Promise<void> {
    if (this.users.length <= MIN_USERS) return;
    const userId = this.users.shift();
    if (userId === undefined) return;
    this.desk.forget(userId);
    const sending = this.apis.user.delete(`/users/${encodeURIComponent(userId)}`);
    await this.expectations.of(204, 'DELETE /users/:id', sending);
  }
}

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];
