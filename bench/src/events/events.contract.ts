import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsEmail,
  IsIn,
  IsInt,
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
  @IsDate() @Type(() => Date) paidAt!: Date;
  @IsBoolean() express!: boolean;
  @IsOptional() @IsString() @MaxLength(500) note?: string;
  @IsString() @MaxLength(120) city!: string;
  @IsString() @Length(2, 2) country!: string;
  @IsArray() @ArrayMaxSize(100) @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
}

/** The same properties, and no rules. */
@Event('bench.order-unchecked', { key: 'orderId' })
export class UncheckedOrder {
  orderId!: string;
}

/** The least that an event may well be. */
@Event('bench.order-noted', { key: 'orderId' })
export class OrderNoted {
  @IsString() @Length(1, 64) orderId!: string;
  @IsInt() @IsPositive() totalCents!: number;
  @IsIn(['EUR', 'USD', 'GBP']) currency!: string;
  @IsString() @MaxLength(60) city!: string;
}

const NOTE = 'Please leave it with the neighbours of number twelve. '.repeat(6);

const orderFields = (n: number): OrderPaid => ({
  orderId: `o${n}`,
  userId: `user-${n % 700}`,
  email: 'someone@example.org',
  currency: 'EUR',
  totalCents: 12_345,
  taxCents: 1_970,
  paidAt: new Date(1_767_322_000_000 + n),
  express: n % 2 === 0,
  note: NOTE,
  city: 'Rotterdam',
  country: 'NL',
  lines: Array.from({ length: 8 }, (_, at) => ({ sku: `A-${at}`, quantity: 2, unitPriceCents: 1_000 })),
});

/** The `n`th order: 1 KiB as JSON. */
export const orderPaid = (n: number): OrderPaid => Object.assign(new OrderPaid(), orderFields(n));
export const uncheckedOrder = (n: number): UncheckedOrder =>
  Object.assign(new UncheckedOrder(), orderFields(n));

/** The `n`th note: 128 bytes as JSON. */
export const orderNoted = (n: number): OrderNoted =>
  Object.assign(new OrderNoted(), {
    orderId: `o${n}`,
    totalCents: 12_345,
    currency: 'EUR',
    city: 'Rotterdam, Kralingen, Oostzeedijk Beneden 213a',
  });
