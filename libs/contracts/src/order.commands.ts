import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsInt,
  IsISO4217CurrencyCode,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { Command, Replying } from '@millrace/commands';
import { ORDER_LIMITS, OrderLine } from './order.parts.js';

/** An order that was taken. */
export class PlacedOrder {
  @IsString() @Length(1, 64) orderId!: string;
  @IsInt() @Min(0) totalCents!: number;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) createdAt!: string;

  constructor(fields: PlacedOrder) {
    Object.assign(this, fields);
  }
}

/**
 * Places an order and confirms it, so that it is paid for and processed from there on; refused as over HTTP:
 * 404 `USER_UNKNOWN`, 409 `ORDER_EXISTS`.
 */
@Command('order.place', { reply: PlacedOrder })
export class PlaceOrder extends Replying<PlacedOrder> {
  /** An id of the caller's choice, so that the command can be repeated safely. */
  @IsOptional() @IsString() @Length(1, 64) @Matches(/\S/) orderId?: string;
  @IsString() @Length(1, 64) userId!: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => OrderLine)
  lines!: OrderLine[];

  @IsISO4217CurrencyCode() currency!: string;

  constructor(fields: PlaceOrder) {
    super();
    Object.assign(this, fields);
  }
}
