import { Injectable, Logger } from '@nestjs/common';
import { Context, type EventMessage, Subscribe } from '@millrace/events';
import { OrdersService } from '../orders/orders.service.js';
import { FULFILMENT_EVENTS, stepFor } from './fulfilment.process.js';

/** Who takes the steps of an order that nobody asks for. */
const ACTOR = 'fulfilment';

/** Moves orders on. A step, what it asks for, and that its cause was handled are one commit. */
@Injectable()
export class FulfilmentSubscriber {
  private readonly log = new Logger(FulfilmentSubscriber.name);

  constructor(private readonly orders: OrdersService) {}

  // Not `ordered`: an order knows what it waits for, and passes over the rest.
  @Subscribe(FULFILMENT_EVENTS, { group: 'order-fulfilment' })
  async moveOn(event: { orderId: string }, @Context() { type }: EventMessage): Promise<void> {
    const order = await this.orders.react(event.orderId, ACTOR, (current, context) =>
      stepFor(event, current, context),
    );
    if (!order) this.log.warn(`${type} tells of order '${event.orderId}', which is not kept here`);
  }
}
