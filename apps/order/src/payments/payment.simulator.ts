import { Injectable } from '@nestjs/common';
import {
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundRequested,
  PaymentRequested,
  PaymentSucceeded,
} from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { EventBus, Subscribe } from '@millrace/events';
import { chanceOf } from '../chance.js';
import { OrderConfig } from '../order.config.js';

/** What every answer tells. */
interface Answer {
  paymentId: string;
  orderId: string;
  amountCents: number;
  currency: string;
  at: string;
}

/** An amount that no bank pays, in cents of whatever currency: for demonstrations and tests. */
export const REFUSED_CENTS = 40_200;

/**
 * Stands for a bank. What it answers follows from the payment's id, so a request that is delivered again gets
 * the same answer again. An answer that has to wait does so in the server.
 */
@Injectable()
export class PaymentSimulator {
  constructor(
    private readonly bus: EventBus,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly config: OrderConfig,
  ) {}

  @Subscribe([PaymentRequested, PaymentRefundRequested], { group: 'order-payments' })
  async handle(request: PaymentRequested | PaymentRefundRequested): Promise<void> {
    const delay = this.config.PAYMENT_DELAY;
    const asked = request instanceof PaymentRequested;
    await this.bus.publish(asked ? this.answerTo(request) : new PaymentRefunded(this.partsOf(request)), {
      messageId: `${request.paymentId}, ${asked ? 'answered' : 'refunded'}`,
      ...(delay !== undefined && { delay }),
    });
  }

  private answerTo(request: PaymentRequested): PaymentSucceeded | PaymentFailed {
    const parts = this.partsOf(request);
    if (request.amountCents === REFUSED_CENTS) return new PaymentFailed({ ...parts, reason: 'refused' });
    return chanceOf(request.paymentId) < this.config.PAYMENT_FAILURE_RATE
      ? new PaymentFailed({ ...parts, reason: 'insufficient funds' })
      : new PaymentSucceeded(parts);
  }

  private partsOf({ paymentId, orderId, amountCents, currency }: PaymentRefundRequested): Answer {
    const at = new Date(this.connection.clock.now()).toISOString();
    return { paymentId, orderId, amountCents, currency, at };
  }
}
