import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsInt,
  IsISO31661Alpha2,
  IsISO4217CurrencyCode,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Encrypted, Event } from '@millrace/events';

/** Bounds under which the total of an order stays a safe integer. */
export const ORDER_LIMITS = { lines: 100, quantity: 100_000, unitPriceCents: 100_000_000 } as const;

/** One line of an order. Money is in whole cents. */
export class OrderLine {
  @IsString() @Length(1, 64) sku!: string;
  @IsInt() @Min(1) @Max(ORDER_LIMITS.quantity) quantity!: number;
  @IsInt() @Min(0) @Max(ORDER_LIMITS.unitPriceCents) unitPriceCents!: number;

  constructor(fields: OrderLine) {
    Object.assign(this, fields);
  }
}

/** Where an order goes. */
export class Address {
  @IsString() @Length(1, 100) name!: string;
  @IsString() @Length(1, 200) street!: string;
  @IsString() @Length(1, 16) postalCode!: string;
  @IsString() @Length(1, 100) city!: string;
  /** ISO 3166-1, two letters, as in `AT`. */
  @IsISO31661Alpha2() country!: string;

  constructor(fields: Address) {
    Object.assign(this, fields);
  }
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
  /** ISO 8601. */
  @IsISO8601({ strict: true }) createdAt!: string;

  constructor(fields: OrderCreated) {
    Object.assign(this, fields);
  }
}
