import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import { Encrypted, Event } from '@millrace/events';
import { Address, Contact, ORDER_LIMITS, OrderLine } from './order.parts.js';

/** What every event about an order tells, but `order.created`, which has its own time. */
abstract class OrderStep {
  @IsString() @Length(1, 64) orderId!: string;
  @IsString() @Length(1, 64) userId!: string;
  /** Who did it: an API key's name, a user's id, or the name of a process. */
  @IsString() @Length(1, 100) actor!: string;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) at!: string;
}

/** An order was taken. */
@Event('order.created', { key: 'orderId' })
export class OrderCreated {
  @IsString() @Length(1, 64) orderId!: string;
  @IsString() @Length(1, 64) userId!: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => OrderLine)
  lines!: OrderLine[];

  @IsInt() @Min(0) totalCents!: number;
  /** ISO 4217, as in `EUR`. */
  @IsISO4217CurrencyCode() currency!: string;
  @Encrypted() @IsOptional() @ValidateNested() @Type(() => Address) address?: Address;
  @Encrypted() @IsOptional() @ValidateNested() @Type(() => Contact) contact?: Contact;
  /** Who did it: an API key's name, a user's id, or the name of a process. */
  @IsOptional() @IsString() @Length(1, 100) actor?: string;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) createdAt!: string;

  constructor(fields: OrderCreated) {
    Object.assign(this, fields);
  }
}

/** What can change about an order before its goods are reserved. */
export const ORDER_CHANGES = ['lines', 'address', 'contact', 'confirmed', 'paid'] as const;
export type OrderChange = (typeof ORDER_CHANGES)[number];

/** An order was changed: its lines, where it goes, or that it was confirmed or paid. */
@Event('order.updated', { key: 'orderId' })
export class OrderUpdated extends OrderStep {
  @IsIn(ORDER_CHANGES, { each: true }) @ArrayNotEmpty() changes!: OrderChange[];

  /** All of them, where they changed. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => OrderLine)
  lines?: OrderLine[];

  @IsInt() @Min(0) totalCents!: number;
  @Encrypted() @IsOptional() @ValidateNested() @Type(() => Address) address?: Address;
  @Encrypted() @IsOptional() @ValidateNested() @Type(() => Contact) contact?: Contact;

  constructor(fields: OrderUpdated) {
    super();
    Object.assign(this, fields);
  }
}

/** An order was paid. */
@Event('order.paid', { key: 'orderId' })
export class OrderPaid extends OrderStep {
  @IsString() @Length(1, 100) paymentId!: string;
  @IsInt() @Min(0) amountCents!: number;
  @IsISO4217CurrencyCode() currency!: string;

  constructor(fields: OrderPaid) {
    super();
    Object.assign(this, fields);
  }
}

/** The goods of a paid order are reserved, and it is being made ready. */
@Event('order.processing', { key: 'orderId' })
export class OrderProcessing extends OrderStep {
  constructor(fields: OrderProcessing) {
    super();
    Object.assign(this, fields);
  }
}

/** The contract of an order was signed. */
@Event('order.signed', { key: 'orderId' })
export class OrderSigned extends OrderStep {
  @Encrypted() @IsString() @Length(1, 100) signedBy!: string;

  constructor(fields: OrderSigned) {
    super();
    Object.assign(this, fields);
  }
}

/** An order is on its way. */
@Event('order.shipped', { key: 'orderId' })
export class OrderShipped extends OrderStep {
  @IsString() @Length(1, 100) shipmentId!: string;
  @IsString() @Length(1, 64) carrier!: string;

  constructor(fields: OrderShipped) {
    super();
    Object.assign(this, fields);
  }
}

/** An order was received, and somebody signed for it. */
@Event('order.received', { key: 'orderId' })
export class OrderReceived extends OrderStep {
  @Encrypted() @IsString() @Length(1, 100) signedBy!: string;

  constructor(fields: OrderReceived) {
    super();
    Object.assign(this, fields);
  }
}

/** Nothing is left to be done about an order. */
@Event('order.completed', { key: 'orderId' })
export class OrderCompleted extends OrderStep {
  constructor(fields: OrderCompleted) {
    super();
    Object.assign(this, fields);
  }
}

export const CANCEL_REASONS = [
  'requested',
  'payment-failed',
  'payment-timeout',
  'out-of-stock',
  'shipment-refused',
  'user-unregistered',
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** An order will not be carried out. */
@Event('order.cancelled', { key: 'orderId' })
export class OrderCancelled extends OrderStep {
  @IsIn(CANCEL_REASONS) reason!: CancelReason;

  constructor(fields: OrderCancelled) {
    super();
    Object.assign(this, fields);
  }
}

/** What was paid for an order that was cancelled or returned went back. */
@Event('order.refunded', { key: 'orderId' })
export class OrderRefunded extends OrderStep {
  @IsInt() @Min(0) amountCents!: number;
  @IsISO4217CurrencyCode() currency!: string;

  constructor(fields: OrderRefunded) {
    super();
    Object.assign(this, fields);
  }
}

/** The customer wants to give back what was received. */
@Event('order.return-requested', { key: 'orderId' })
export class OrderReturnRequested extends OrderStep {
  @IsString() @Length(1, 500) reason!: string;

  constructor(fields: OrderReturnRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** What was received came back. */
@Event('order.returned', { key: 'orderId' })
export class OrderReturned extends OrderStep {
  constructor(fields: OrderReturned) {
    super();
    Object.assign(this, fields);
  }
}

/** An order has been on its way for long, and nobody told that it was received. */
@Event('order.receipt-reminded', { key: 'orderId' })
export class OrderReceiptReminded extends OrderStep {
  /** When it was shipped, ISO 8601. */
  @IsISO8601({ strict: true }) shippedAt!: string;

  constructor(fields: OrderReceiptReminded) {
    super();
    Object.assign(this, fields);
  }
}
