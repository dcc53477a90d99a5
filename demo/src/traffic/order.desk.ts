import { ApiAnswer, textField } from './api.client.js';
import { Api, Expectations } from './expectations.js';
import { OVER, Plan, PLANS, READY, Step } from './order.plans.js';

interface OrderInHand {
  readonly id: string;
  readonly userId: string;
  readonly steps: readonly Step[];
}

const SKUS = ['MUG-01', 'TEA-07', 'PEN-12', 'BOOK-3'] as const;
const ADDRESS = {
  name: 'Ada Lovelace',
  street: '12 St James’s Square',
  postalCode: 'SW1Y 4JH',
  city: 'London',
  country: 'GB',
};
const SIGNATURE = { signedBy: 'Ada Lovelace' };

/** Creates orders and does to each what its plan says, when it is ready for that. */
export class OrderDesk {
  private readonly inHand: OrderInHand[] = [];
  private created = 0;
  private lastId: string | undefined;

  constructor(
    private readonly api: Api,
    private readonly expectations: Expectations,
  ) {}

  async create(userId: string): Promise<void> {
    const plan: Plan = PLANS[this.created % PLANS.length] ?? PLANS[0];
    const request = { userId, lines: this.lines(), currency: 'EUR', confirm: plan.confirm };
    this.created++;
    const answer = await this.expectations.of(201, 'POST /orders', this.api.post('/orders', request));
    if (!answer) return;
    this.lastId = textField(answer, 'id');
    this.inHand.push({ id: this.lastId, userId, steps: plan.steps });
  }

  /** Takes the first order that is ready for its next step one step further. */
  async advance(): Promise<void> {
    for (let left = this.inHand.length; left > 0; left--) {
      const order = this.inHand.shift();
      const [step, ...after] = order?.steps ?? [];
      if (!order || step === undefined) continue;
      const status = await this.statusOf(order.id);
      if (status === undefined || OVER.includes(status)) continue;
      const ready = READY[step].includes(status);
      if (!ready || (await this.take(order, step))) {
        this.inHand.push(ready ? { ...order, steps: after } : order);
      }
      if (ready) return;
    }
  }

  async readHistory(): Promise<void> {
    if (this.lastId === undefined) return;
    await this.expectations.of(200, 'GET /orders/:id/history', this.api.get(`${path(this.lastId)}/history`));
  }

  /** Of users who leave the apps cancel the orders: nothing is left to be done about them here. */
  forget(userId: string): void {
    const kept = this.inHand.filter((order) => order.userId !== userId);
    this.inHand.splice(0, this.inHand.length, ...kept);
  }

  private async take({ id }: OrderInHand, step: Step): Promise<boolean> {
    const sending =
      step === 'edit'
        ? this.api.patch(path(id), { lines: this.lines(), address: ADDRESS })
        : this.api.post(`${path(id)}/${step}`, bodyOf(step));
    return (await this.answered(`${step} of an order`, sending)) !== undefined;
  }

  // Between the look at its state and the step it may have been cancelled, as an order may at any time.
  private async answered(request: string, sending: Promise<ApiAnswer>): Promise<ApiAnswer | undefined> {
    const answer = await sending;
    const { status } = (answer.body ?? {}) as { status?: unknown };
    if (answer.status === 409 && OVER.includes(String(status))) return undefined;
    return this.expectations.of(200, request, Promise.resolve(answer));
  }

  private async statusOf(id: string): Promise<string | undefined> {
    const answer = await this.expectations.of(200, 'GET /orders/:id', this.api.get(path(id)));
    return answer && textField(answer, 'status');
  }

  private lines(): object[] {
    const sku = SKUS[this.created % SKUS.length];
    return [{ sku, quantity: 1 + (this.created % 3), unitPriceCents: 450 }];
  }
}

const path = (id: string): string => `/orders/${encodeURIComponent(id)}`;

const bodyOf = (step: Step): object | undefined => {
  if (step === 'sign' || step === 'receive') return SIGNATURE;
  return step === 'return' ? { reason: 'It does not fit' } : undefined;
};
