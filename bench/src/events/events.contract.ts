import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsPositive,
  IsString,
  Length,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Event } from '@millrace/events';

class Line {
  @IsString() @Length(1, 40) sku!: string;
  @IsInt() @IsPositive() quantity!: number;
  @IsInt() @Min(0) unitPriceCents!: number;
}

/** What a real order looks like: twelve properties, nested lines, a date. */
@Event('bench.order-paid', { key: 'orderId' })
export class OrderPaid {
  @IsString() @Length(1, 64) orderId!: string;
  @IsString() @Length(1, 64) userId!: string;
  @IsEmail() email!: string;
  @IsIn(['EUR', 'USD', 'GBP']) currency!: string;
  @IsInt() @IsPositive() totalCents!: number;
  @IsInt() @Min(0) taxCents!: number;
  @IsISO8601() paidAt!: string;
  @IsBoolean() express!: boolean;
  @IsOptional() @IsString() @MaxLength(500) note?: string;
  @IsString() @MaxLength(120) city!: string;
  @IsString() @Length(2, 2) country!: string;
  @IsArray() @ArrayMaxSize(100) @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
}

/** The `n`th order, about 450 bytes as JSON. */
export const orderPaid = (n: number): OrderPaid =>
  Object.assign(new OrderPaid(), {
    orderId: `order-${n % 5000}`,
    userId: `user-${n % 700}`,
    email: 'someone@example.org',
    currency: 'EUR',
    totalCents: 12_345,
    taxCents: 1_970,
    paidAt: '2026-01-02T03:04:05.000Z',
    express: n % 2 === 0,
    city: 'Rotterdam',
    country: 'NL',
    lines: [
      { sku: 'A-1', quantity: 2, unitPriceCents: 1_000 },
      { sku: 'B-22', quantity: 1, unitPriceCents: 10_345 },
    ],
  });
