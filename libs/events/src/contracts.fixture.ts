import { IsInt, IsOptional, IsPositive, IsString } from 'class-validator';
import { Event } from './index.js';

export interface Paid {
  orderId: string;
  amountCents: number;
  note?: string;
}

/** An event class of a context of its own; of one name, where the test needs another version. */
export const paidEvent = (context: string, version = 1): new (fields: Paid) => Paid => {
  @Event(`${context}.paid`, { key: 'orderId', version })
  class OrderPaid implements Paid {
    @IsString() orderId!: string;
    @IsInt() @IsPositive() amountCents!: number;
    @IsOptional() @IsString() note?: string;
    constructor(fields: Paid) {
      Object.assign(this, fields);
    }
  }
  return OrderPaid;
};

export const refundedEvent = (context: string): new (fields: Paid) => Paid => {
  @Event(`${context}.refunded`, { key: 'orderId' })
  class OrderRefunded implements Paid {
    @IsString() orderId!: string;
    @IsInt() @IsPositive() amountCents!: number;
    constructor(fields: Paid) {
      Object.assign(this, fields);
    }
  }
  return OrderRefunded;
};

/** An event of any name with an `orderId`. */
export const eventNamed = (type: string): new () => { orderId: string } => {
  @Event(type, { key: 'orderId' })
  class Named {
    @IsString() orderId!: string;
  }
  return Named;
};

export interface Counted {
  key: string;
  n: number;
}

/** An event that says how many of its key there have been. */
export const countedEvent = (context: string): new (fields: Counted) => Counted => {
  @Event(`${context}.counted`, { key: 'key' })
  class CountedEvent implements Counted {
    @IsString() key!: string;
    @IsInt() n!: number;
    constructor(fields: Counted) {
      Object.assign(this, fields);
    }
  }
  return CountedEvent;
};
