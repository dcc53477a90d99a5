import { Injectable, Logger } from '@nestjs/common';
import { errorMessage, InjectConnection, type MillraceConnection, toMillis } from '@millrace/core';
import { type Page } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { OrderIndex } from '../lists/order-index.js';
import { OrderConfig } from '../order.config.js';
import { IllegalTransitionError } from './order.machine.js';
import { pageOf } from './order.page.js';
import { type OrderStep, type StepContext } from './order.step.js';
import { confirmed, created, type NewOrder } from './order.steps.js';
import { Order } from './orders.bucket.js';
import { type OrdersQuery } from './orders.dto.js';
import { orderExists, orderUnknown, transitionIllegal } from './orders.errors.js';

/** What becomes of an order; nothing, where that is not for it. It may run again, so it only computes. */
export type DecideStep = (order: Order, context: StepContext) => OrderStep | undefined;

/**
 * Keeps orders. A step of an order is one commit: what it becomes, the events about it, and, where it is taken
 * because of an event, that this event was handled.
 */
@Injectable()
export class OrdersService {
  private readonly log = new Logger(OrdersService.name);

  constructor(
    @InjectBucket(Order) private readonly orders: Bucket<Order>,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly config: OrderConfig,
    private readonly index: OrderIndex,
  ) {}

  /** @throws ConflictException `ORDER_EXISTS` */
  async create(fields: NewOrder, { actor, confirm }: { actor: string; confirm: boolean }): Promise<Order> {
    const context = this.contextOf(actor);
    const { order, events } = confirm ? placed(fields, context) : created(fields, context);
    await this.orders.commit(order.id, (current) => {
      if (current) throw orderExists(order.id);
      return { state: order, events };
    });
    await this.listAtOnce(order);
    return order;
  }

  /** Creates and confirms, or finishes doing so. @throws ConflictException `ORDER_EXISTS` where it is another order */
  async place(fields: NewOrder, actor: string): Promise<Order> {
    const context = this.contextOf(actor);
    const { value } = await this.orders.commit(fields.id, (current) => {
      if (current && !isSame(current.value, fields)) throw orderExists(fields.id);
      if (current && current.value.status !== 'created') return {};
      const { order, events } = current ? confirmed(current.value, context) : placed(fields, context);
      return { state: order, events };
    });
    if (!value) throw orderUnknown(fields.id);
    await this.listAtOnce(value);
    return value;
  }

  /** @throws NotFoundException `ORDER_UNKNOWN` */
  async get(id: string): Promise<Order> {
    const order = await this.find(id);
    if (!order) throw orderUnknown(id);
    return order;
  }

  async find(id: string): Promise<Order | undefined> {
    return (await this.orders.get(id))?.value;
  }

  /** Newest first. */
  list({ userId, from, until, ...page }: OrdersQuery): Promise<Page<Order>> {
    const span = { from: from?.getTime(), until: until?.getTime() };
    const list = userId === undefined ? this.index.all(span) : this.index.ofUser(userId, span);
    return pageOf(list, page, (id) => this.find(id));
  }

  /**
   * Takes a step that somebody asks for.
   * @throws NotFoundException `ORDER_UNKNOWN`
   * @throws ConflictException `ORDER_TRANSITION_ILLEGAL`
   */
  async take(id: string, actor: string, decide: DecideStep): Promise<Order> {
    const order = await this.react(id, actor, (found, context) => {
      try {
        return decide(found, context);
      } catch (error) {
        throw error instanceof IllegalTransitionError ? transitionIllegal(id, error) : error;
      }
    });
    if (!order) throw orderUnknown(id);
    return order;
  }

  /** Takes a step because of an event, or none; `undefined` for an order that is not kept here. */
  async react(id: string, actor: string, decide: DecideStep): Promise<Order | undefined> {
    const context = this.contextOf(actor);
    const { value } = await this.orders.commit(id, (current) => {
      const step = current && decide(current.value, context);
      return step ? { state: step.order, events: step.events } : {};
    });
    return value;
  }

  // So that whoever created an order finds it in the list. Should it fail, the subscriber lists the order: the
  // order is taken, and nothing that happens from here on may tell its customer otherwise.
  private async listAtOnce({ id, userId, createdAt: at }: Order): Promise<void> {
    try {
      await this.index.addToUser(userId, { id, at });
    } catch (error) {
      this.log.debug(`Order '${id}' will be listed later: ${errorMessage(error)}`);
    }
  }

  private contextOf(actor: string): StepContext {
    const { PAYMENT_TIMEOUT, RECEIPT_REMINDER, RETURN_WINDOW } = this.config;
    return {
      actor,
      at: new Date(this.connection.clock.now()).toISOString(),
      patience: {
        paymentMs: toMillis(PAYMENT_TIMEOUT),
        receiptMs: toMillis(RECEIPT_REMINDER),
        returnMs: toMillis(RETURN_WINDOW),
      },
    };
  }
}

const placed = (fields: NewOrder, context: StepContext): OrderStep => {
  const first = created(fields, context);
  const { order, events } = confirmed(first.order, context);
  return { order, events: [...first.events, ...events] };
};

const isSame = (order: Order, { userId, lines, currency }: NewOrder): boolean =>
  order.userId === userId && order.currency === currency && linesText(order.lines) === linesText(lines);

const linesText = (lines: Order['lines']): string =>
  JSON.stringify(lines.map(({ sku, quantity, unitPriceCents }) => [sku, quantity, unitPriceCents]));
