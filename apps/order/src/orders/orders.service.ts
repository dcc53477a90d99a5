import { ConflictException, Injectable, Logger, NotFoundException } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Address, OrderCreated, OrderLine } from '@millrace/contracts';
import { errorMessage, InjectConnection, type MillraceConnection } from '@millrace/core';
import { type Page, takePage } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { CustomersService } from '../customers/customers.service.js';
import { OrderListsService } from './order-lists.service.js';
import { Order } from './orders.bucket.js';
import { CreateOrderDto, OrdersQuery } from './orders.dto.js';

/** Takes orders. An order and the event about it are one commit: there is never one without the other. */
@Injectable()
export class OrdersService {
  private readonly log = new Logger(OrdersService.name);

  constructor(
    @InjectBucket(Order) private readonly orders: Bucket<Order>,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly customers: CustomersService,
    private readonly lists: OrderListsService,
  ) {}

  /**
   * @throws NotFoundException `USER_UNKNOWN` for a user who is not registered, as far as the events that have
   * arrived here tell.
   * @throws ConflictException `ORDER_EXISTS`
   */
  async create(request: CreateOrderDto): Promise<Order> {
    if (!(await this.customers.isRegistered(request.userId))) throw userUnknown(request.userId);
    const order = newOrder(request, this.now());
    const event = created(order);
    await this.orders.commit(order.id, (current) => {
      if (current) throw orderExists(order.id);
      return { state: order, events: [event] };
    });
    await this.listAtOnce(event);
    return order;
  }

  /** @throws NotFoundException `ORDER_UNKNOWN` */
  async get(id: string): Promise<Order> {
    const entry = await this.orders.get(id);
    if (!entry) throw orderUnknown(id);
    return entry.value;
  }

  /** A user's orders, newest first. */
  async list({ userId, ...page }: OrdersQuery): Promise<Page<Order>> {
    const { items, ...rest } = await takePage(await this.lists.of(userId), page);
    const entries = await Promise.all(items.map((id) => this.orders.get(id)));
    return { ...rest, items: entries.flatMap((entry) => (entry ? [entry.value] : [])) };
  }

  /** Moves a new order on to `processing`; one that has moved on already stays where it is. */
  async startProcessing(id: string): Promise<void> {
    await this.orders.commit(id, (current) => {
      if (!current) {
        this.log.warn(`order.created tells of order '${id}', which is not kept here`);
        return {};
      }
      const order = current.value;
      if (order.status !== 'created') return {};
      const status = 'processing';
      const history = [...order.history, { status, at: this.now() } as const];
      return { state: Object.assign(new Order(), order, { status, history }) };
    });
  }

  // So that whoever created an order finds it in the list. Should it fail, the subscriber lists the order: the
  // order is taken, and nothing that happens from here on may tell its customer otherwise.
  private async listAtOnce(event: OrderCreated): Promise<void> {
    try {
      await this.lists.add(event);
    } catch (error) {
      this.log.debug(`Order '${event.orderId}' will be listed later: ${errorMessage(error)}`);
    }
  }

  private now(): string {
    return new Date(this.connection.clock.now()).toISOString();
  }
}

const newOrder = (
  { id = randomUUID(), userId, lines, currency, address }: CreateOrderDto,
  createdAt: string,
): Order => ({
  id,
  userId,
  lines,
  totalCents: lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0),
  currency,
  ...(address && { address }),
  createdAt,
  status: 'created',
  history: [{ status: 'created', at: createdAt }],
});

const created = ({ id, userId, lines, totalCents, currency, address, createdAt }: Order): OrderCreated =>
  new OrderCreated({
    orderId: id,
    userId,
    lines: lines.map((line) => new OrderLine(line)),
    totalCents,
    currency,
    ...(address && { address: new Address(address) }),
    createdAt,
  });

const userUnknown = (userId: string): NotFoundException =>
  new NotFoundException({
    code: 'USER_UNKNOWN',
    message: 'No user with this id is registered; one who registered a moment ago is known here in a moment',
    userId,
  });

const orderExists = (orderId: string): ConflictException =>
  new ConflictException({ code: 'ORDER_EXISTS', message: 'An order with this id exists already', orderId });

const orderUnknown = (orderId: string): NotFoundException =>
  new NotFoundException({ code: 'ORDER_UNKNOWN', message: 'There is no order with this id', orderId });
