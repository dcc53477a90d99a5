import { IsInt, IsISO4217CurrencyCode, IsISO8601, IsString, Length, Min } from 'class-validator';
import { Event } from '@millrace/events';

/** What every event about a payment tells. */
abstract class PaymentStep {
  /** One for each order. */
  @IsString() @Length(1, 100) paymentId!: string;
  @IsString() @Length(1, 64) orderId!: string;
  @IsInt() @Min(0) amountCents!: number;
  /** ISO 4217. */
  @IsISO4217CurrencyCode() currency!: string;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) at!: string;
}

/** An order was confirmed: it is to be paid for. */
@Event('payment.requested', { key: 'orderId' })
export class PaymentRequested extends PaymentStep {
  @IsString() @Length(1, 64) userId!: string;

  constructor(fields: PaymentRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** The money is there. Answers `payment.requested`. */
@Event('payment.succeeded', { key: 'orderId' })
export class PaymentSucceeded extends PaymentStep {
  constructor(fields: PaymentSucceeded) {
    super();
    Object.assign(this, fields);
  }
}

/** There will be no money. Answers `payment.requested`. */
@Event('payment.failed', { key: 'orderId' })
export class PaymentFailed extends PaymentStep {
  @IsString() @Length(1, 200) reason!: string;

  constructor(fields: PaymentFailed) {
    super();
    Object.assign(this, fields);
  }
}

/** A payment that succeeded is to go back. */
@Event('payment.refund-requested', { key: 'orderId' })
export class PaymentRefundRequested extends PaymentStep {
  constructor(fields: PaymentRefundRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** The money went back. Answers `payment.refund-requested`. */
@Event('payment.refunded', { key: 'orderId' })
export class PaymentRefunded extends PaymentStep {
  constructor(fields: PaymentRefunded) {
    super();
    Object.assign(this, fields);
  }
}
