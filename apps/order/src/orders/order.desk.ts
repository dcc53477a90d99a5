import { BadRequestException, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { type PlaceOrder } from '@millrace/contracts';
import { noteInLog } from '@millrace-apps/shared';
import { UsersClient } from '../users/users.client.js';
import { edited } from './order.steps.js';
import { type Order } from './orders.bucket.js';
import { type CreateOrderDto, type EditOrderDto } from './orders.dto.js';
import { editedTooOften } from './orders.errors.js';
import { OrdersService } from './orders.service.js';

/** An order is written as a whole with every step, its history included. */
const MOST_EDITS = 100;

/** Who places orders by a command, which does not tell who sent it. */
const PLACER = 'order.place';

/** Takes orders and changes to them. */
@Injectable()
export class OrderDesk {
  constructor(
    private readonly orders: OrdersService,
    private readonly users: UsersClient,
  ) {}

  /**
   * @throws NotFoundException `USER_UNKNOWN`
   * @throws ServiceUnavailableException `USERS_UNAVAILABLE`
   * @throws ConflictException `ORDER_EXISTS`
   */
  async create(
    { id = randomUUID(), confirm = false, ...request }: CreateOrderDto,
    actor: string,
  ): Promise<Order> {
    noteInLog({ orderId: id });
    const { registeredAt: userSince } = await this.users.find(request.userId);
    return this.orders.create({ id, userSince, ...request }, { actor, confirm });
  }

  /**
   * Creates an order and confirms it; doing so again changes nothing.
   * @throws NotFoundException `USER_UNKNOWN`
   * @throws ServiceUnavailableException `USERS_UNAVAILABLE`
   * @throws ConflictException `ORDER_EXISTS` where the order that has the id is another one
   */
  async place({ orderId: id = randomUUID(), userId, lines, currency }: PlaceOrder): Promise<Order> {
    const { registeredAt: userSince } = await this.users.find(userId);
    return this.orders.place({ id, userId, userSince, lines, currency }, PLACER);
  }

  /**
   * @throws NotFoundException `ORDER_UNKNOWN`
   * @throws ConflictException `ORDER_TRANSITION_ILLEGAL`, `ORDER_EDITED_TOO_OFTEN`
   */
  async edit(id: string, edits: EditOrderDto, actor: string): Promise<Order> {
    if (!edits.lines && !edits.address && !edits.contact) throw nothingToChange();
    return this.orders.take(id, actor, (order, context) => {
      const updates = order.history.filter(({ event }) => event === 'order.updated');
      if (updates.length >= MOST_EDITS) throw editedTooOften(id, MOST_EDITS);
      return edited(order, edits, context);
    });
  }
}

const nothingToChange = (): BadRequestException =>
  new BadRequestException({
    code: 'REQUEST_INVALID',
    message: 'Give lines, an address, or a contact to change',
  });
