import { Injectable } from '@nestjs/common';
import {
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentCancelRequested,
  ShipmentRefused,
  ShipmentRequested,
} from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { EventBus, Subscribe } from '@millrace/events';
import { chanceOf } from '../chance.js';
import { OrderConfig } from '../order.config.js';

/** What every answer tells. */
interface Answer {
  shipmentId: string;
  orderId: string;
  at: string;
}

/** Goods that no carrier takes: for demonstrations and tests. */
export const REFUSED_SKU = 'TOO-HEAVY';

const CARRIERS = ['Northwind Parcel', 'Blue Van', 'Canal & Co'];

/** Stands for carriers, as the payment simulator does for a bank. What it has booked can be cancelled. */
@Injectable()
export class ShipmentSimulator {
  constructor(
    private readonly bus: EventBus,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly config: OrderConfig,
  ) {}

  @Subscribe([ShipmentRequested, ShipmentCancelRequested], { group: 'order-shipments' })
  async handle(request: ShipmentRequested | ShipmentCancelRequested): Promise<void> {
    const delay = this.config.SHIPMENT_DELAY;
    const asked = request instanceof ShipmentRequested;
    await this.bus.publish(asked ? this.answerTo(request) : new ShipmentCancelled(this.partsOf(request)), {
      messageId: `${request.shipmentId}, ${asked ? 'answered' : 'cancelled'}`,
      ...(delay !== undefined && { delay }),
    });
  }

  private answerTo(request: ShipmentRequested): ShipmentBooked | ShipmentRefused {
    const parts = this.partsOf(request);
    if (request.goods.some(({ sku }) => sku === REFUSED_SKU))
      return new ShipmentRefused({ ...parts, reason: `nobody takes ${REFUSED_SKU}` });
    const chance = chanceOf(request.shipmentId);
    if (chance < this.config.SHIPMENT_FAILURE_RATE)
      return new ShipmentRefused({ ...parts, reason: 'no carrier is free' });
    const carrier = CARRIERS[Math.floor(chance * CARRIERS.length)] ?? 'Blue Van';
    return new ShipmentBooked({ ...parts, carrier });
  }

  private partsOf({ shipmentId, orderId }: ShipmentCancelRequested): Answer {
    return { shipmentId, orderId, at: new Date(this.connection.clock.now()).toISOString() };
  }
}
