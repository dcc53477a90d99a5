import { BadRequestException, Injectable, NotFoundException } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CustomersService } from '../customers/customers.service.js';
import { edited } from './order.steps.js';
import { type Order } from './orders.bucket.js';
import { type CreateOrderDto, type EditOrderDto } from './orders.dto.js';
import { editedTooOften } from './orders.errors.js';
import { OrdersService } from './orders.service.js';

/** An order is written as a whole with every step, its history included. */
const MOST_EDITS = 100;

/** Takes orders and changes to them. */
@Injectable()
export class OrderDesk {
  constructor(
    private readonly orders: OrdersService,
    private readonly customers: CustomersService,
  ) {}

  /**
   * @throws NotFoundException `USER_UNKNOWN`
   * @throws ConflictException `ORDER_EXISTS`
   */
  async create(
    { id = randomUUID(), confirm = false, ...request }: CreateOrderDto,
    actor: string,
  ): Promise<Order> {
    const userSince = await this.customers.registeredAt(request.userId);
    if (userSince === undefined) throw userUnknown(request.userId);
    return this.orders.create({ id, userSince, ...request }, { actor, confirm });
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

const userUnknown = (userId: string): NotFoundException =>
  new NotFoundException({
    code: 'USER_UNKNOWN',
    message: 'No user with this id is registered; one who registered a moment ago is known here in a moment',
    userId,
  });

const nothingToChange = (): BadRequestException =>
  new BadRequestException({
    code: 'REQUEST_INVALID',
    message: 'Give lines, an address, or a contact to change',
  });
