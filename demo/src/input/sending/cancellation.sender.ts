import { CancellationUnit, orderIdOf, userIdOf } from '../invoices/unit.js';
import { refusal } from './order.sender.js';
import { SendOutcome, Unmatched } from './outcome.js';
import { Api } from './patient.api.js';

/** What was decided about a cancellation, kept so that repeating it does not cancel another order. */
export interface Decisions {
  get(invoice: string): Promise<Decision | undefined>;
  set(invoice: string, decision: Decision): Promise<void>;
}

export interface Decision {
  /** `null`: nothing matches. */
  readonly orderId: string | null;
  readonly why?: Unmatched;
}

interface OrderView {
  readonly id: string;
  readonly status: string;
  readonly lines: readonly { readonly sku: string }[];
}

/** Where an order may be cancelled from. */
const OPEN: readonly string[] = ['created', 'confirmed', 'paid', 'processing', 'signed'];
const CANCELLED: readonly string[] = ['cancelled', 'refunded'];
const PAGE = 50;

class Refused extends Error {
  constructor(readonly outcome: SendOutcome) {
    super('refused');
  }
}

/**
 * Cancels what a cancellation means: the order of its number, or else its customer's newest open order that has one
 * of its stock codes.
 */
export class CancellationSender {
  constructor(
    private readonly orders: Api,
    private readonly decisions: Decisions,
  ) {}

  async send(unit: CancellationUnit): Promise<SendOutcome> {
    try {
      return (await this.byNumber(unit)) ?? (await this.decided(unit)) ?? (await this.decide(unit));
    } catch (error) {
      if (error instanceof Refused) return error.outcome;
      throw error;
    }
  }

  /** All parts of the invoice. */
  private async byNumber(unit: CancellationUnit): Promise<SendOutcome | undefined> {
    let found = 0;
    let cancelled = 0;
    for (; await this.find(unit, orderIdOf(unit.invoice, found + 1)); found++) {
      if (await this.cancel(unit, orderIdOf(unit.invoice, found + 1))) cancelled++;
    }
    if (found === 0) return undefined;
    return cancelled > 0 ? { kind: 'cancelled', orders: cancelled } : { kind: 'unmatched', why: 'too-late' };
  }

  private async decided(unit: CancellationUnit): Promise<SendOutcome | undefined> {
    const decision = await this.decisions.get(unit.invoice);
    if (!decision) return undefined;
    if (decision.orderId === null) return { kind: 'unmatched', why: decision.why ?? 'no-order' };
    return (await this.cancel(unit, decision.orderId)) ? { kind: 'cancelled', orders: 1 } : undefined;
  }

  private async decide(unit: CancellationUnit): Promise<SendOutcome> {
    let why: Unmatched = unit.customer === undefined ? 'no-customer' : 'no-order';
    for await (const { id, status } of this.candidates(unit)) {
      why = 'too-late';
      if (!OPEN.includes(status)) continue;
      // Before it is done: whoever repeats this must find the same order.
      await this.decisions.set(unit.invoice, { orderId: id });
      if (await this.cancel(unit, id)) return { kind: 'cancelled', orders: 1 };
    }
    await this.decisions.set(unit.invoice, { orderId: null, why });
    return { kind: 'unmatched', why };
  }

  /** The customer's orders that have one of the stock codes, newest first. */
  private async *candidates(unit: CancellationUnit): AsyncGenerator<OrderView> {
    if (unit.customer === undefined) return;
    const userId = encodeURIComponent(userIdOf(unit));
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const path: string = `/orders?userId=${userId}&limit=${PAGE}&offset=${offset}`;
      const answer = await this.orders.get(path);
      if (answer.status !== 200) throw new Refused(refusal(`GET ${path}`, unit, answer));
      const { items, nextOffset } = answer.body as { items: OrderView[]; nextOffset?: number };
      yield* items.filter(({ lines }) => lines.some(({ sku }) => unit.skus.includes(sku)));
      offset = nextOffset;
    }
  }

  private async find(unit: CancellationUnit, id: string): Promise<OrderView | undefined> {
    const answer = await this.orders.get(`/orders/${encodeURIComponent(id)}`);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Refused(refusal(`GET /orders/${id}`, unit, answer));
    return answer.body as OrderView;
  }

  /** Resolves to whether the order is cancelled now. */
  private async cancel(unit: CancellationUnit, id: string): Promise<boolean> {
    const answer = await this.orders.post(`/orders/${encodeURIComponent(id)}/cancel`);
    if (answer.status === 200 || answer.status === 201) return true;
    if (answer.status !== 409) throw new Refused(refusal(`the cancellation of ${id}`, unit, answer));
    const order = await this.find(unit, id);
    return order !== undefined && CANCELLED.includes(order.status);
  }
}
