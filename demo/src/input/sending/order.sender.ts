import { setTimeout as delay } from 'node:timers/promises';
import { ApiAnswer } from '../../traffic/api.client.js';
import { orderIdOf, OrderUnit, UnitLine, userIdOf, userOf } from '../invoices/unit.js';
import { SendOutcome } from './outcome.js';
import { Api } from './patient.api.js';

export interface SenderApis {
  readonly user: Api;
  readonly order: Api;
}

/** Sums in the file are in pounds. */
const CURRENCY = 'GBP';
/** A replica of the store may not have heard yet of a user who registered a moment ago. */
const PROPAGATION_MS = 5000;
const PROPAGATION_PAUSE_MS = 50;

/** Makes users of customers and orders of invoices. Every id follows from the file, so that all may be sent again. */
export class OrderSender {
  /** Grows with the customers of a file, not with its rows: guests come once and are not remembered. */
  private readonly registered = new Set<string>();

  constructor(private readonly apis: SenderApis) {}

  get customers(): number {
    return this.registered.size;
  }

  /** An order that was sent before, and with it its customer. */
  remember({ customer }: OrderUnit): void {
    if (customer !== undefined) this.registered.add(customer);
  }

  async send(unit: OrderUnit): Promise<SendOutcome> {
    const refused = await this.register(unit);
    if (refused) return refused;
    const id = orderIdOf(unit.invoice, unit.part);
    const body = { id, userId: userIdOf(unit), lines: unit.lines, currency: CURRENCY, confirm: true };
    const answer = await this.onceKnown(() => this.apis.order.post('/orders', body));
    if (answer.status === 201) return { kind: 'ordered' };
    if (!hasCode(answer, 409, 'ORDER_EXISTS')) return refusal(`order ${id}`, unit, answer);
    return this.compare(id, unit);
  }

  // What is there already is either this order, sent before, or another one: the invoice came twice.
  private async compare(id: string, unit: OrderUnit): Promise<SendOutcome> {
    const answer = await this.apis.order.get(`/orders/${encodeURIComponent(id)}`);
    if (answer.status !== 200) return refusal(`order ${id}`, unit, answer);
    const { userId, lines } = answer.body as { userId: string; lines: UnitLine[] };
    if (userId === userIdOf(unit) && isSame(lines, unit.lines)) return { kind: 'known' };
    const problem = `line ${unit.line}: there is another order ${id}: the invoice came before, with other lines`;
    return { kind: 'refused', problem };
  }

  private async onceKnown(send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
    const deadline = performance.now() + PROPAGATION_MS;
    let answer = await send();
    while (hasCode(answer, 404, 'USER_UNKNOWN') && performance.now() < deadline) {
      await delay(PROPAGATION_PAUSE_MS);
      answer = await send();
    }
    return answer;
  }

  private async register(unit: OrderUnit): Promise<SendOutcome | undefined> {
    if (unit.customer !== undefined && this.registered.has(unit.customer)) return undefined;
    const user = userOf(unit);
    const answer = await this.apis.user.post('/users', user);
    if (answer.status !== 201 && !hasCode(answer, 409, 'USER_EXISTS')) {
      return refusal(`user ${user.id}`, unit, answer);
    }
    this.remember(unit);
    return undefined;
  }
}

const hasCode = ({ status, body }: ApiAnswer, wanted: number, code: string): boolean =>
  status === wanted && (body as { code?: unknown } | undefined)?.code === code;

const isSame = (one: readonly UnitLine[], other: readonly UnitLine[]): boolean =>
  one.length === other.length &&
  one.every(({ sku, quantity, unitPriceCents }, at) => {
    const line = other[at];
    return line?.sku === sku && line.quantity === quantity && line.unitPriceCents === unitPriceCents;
  });

/** An answer that is not as expected. */
export const refusal = (
  what: string,
  { line }: { line: number },
  { status, body }: ApiAnswer,
): SendOutcome => ({
  kind: 'refused',
  problem: `line ${line}: ${what} was answered ${status}: ${JSON.stringify(body)}`,
});
