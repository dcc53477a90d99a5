import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsInt,
  IsISO8601,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Event } from '@millrace/events';
import { ORDER_LIMITS } from './order.parts.js';

/** So many pieces of one kind of goods. */
export class Goods {
  @IsString() @Length(1, 64) sku!: string;
  @IsInt() @Min(1) @Max(ORDER_LIMITS.quantity) quantity!: number;

  constructor(fields: Goods) {
    Object.assign(this, fields);
  }
}

abstract class StockStep {
  @IsString() @Length(1, 64) orderId!: string;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) at!: string;
}

/** An order was paid: its goods are to be reserved. */
@Event('stock.requested', { key: 'orderId' })
export class StockRequested extends StockStep {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => Goods)
  goods!: Goods[];

  constructor(fields: StockRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** All goods of an order are reserved. Answers `stock.requested`. */
@Event('stock.reserved', { key: 'orderId' })
export class StockReserved extends StockStep {
  constructor(fields: StockReserved) {
    super();
    Object.assign(this, fields);
  }
}

/** Some goods are not there, so none are reserved. Answers `stock.requested`. */
@Event('stock.refused', { key: 'orderId' })
export class StockRefused extends StockStep {
  /** Of which there are not enough. */
  @IsString({ each: true }) @ArrayNotEmpty() @ArrayMaxSize(ORDER_LIMITS.lines) skus!: string[];

  constructor(fields: StockRefused) {
    super();
    Object.assign(this, fields);
  }
}

/** An order is not carried out, or came back: its goods may be sold to others. */
@Event('stock.release-requested', { key: 'orderId' })
export class StockReleaseRequested extends StockStep {
  constructor(fields: StockReleaseRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** Nothing is, nor will be, reserved for an order. Answers `stock.release-requested`. */
@Event('stock.released', { key: 'orderId' })
export class StockReleased extends StockStep {
  constructor(fields: StockReleased) {
    super();
    Object.assign(this, fields);
  }
}
