import { Injectable } from '@nestjs/common';
import { HandleCommand } from '@millrace/commands';
import { PlacedOrder, PlaceOrder } from '@millrace/contracts';
import { LogCommands } from '@millrace-apps/shared';
import { OrderDesk } from '../orders/order.desk.js';

/** Takes orders of other services. */
@LogCommands()
@Injectable()
export class IntakeCommands {
  constructor(private readonly desk: OrderDesk) {}

  @HandleCommand(PlaceOrder)
  async place(command: PlaceOrder): Promise<PlacedOrder> {
    const { id: orderId, totalCents, createdAt } = await this.desk.place(command);
    return new PlacedOrder({ orderId, totalCents, createdAt });
  }
}
