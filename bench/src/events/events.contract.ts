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
import { ClassOf } from '@millrace/core';
import { Event } from '@millrace/events';
import { Identified, LARGE, Workload } from './workload.js';

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

/** The `n`th order, as an instance. */
export const orderPaid = (n: number): OrderPaid => Object.assign(new OrderPaid(), LARGE.eventOf(n));

/** The class of each workload. */
export const CONTRACTS = {
  small: OrderNoted,
  large: OrderPaid,
  unchecked: UncheckedOrder,
} as const satisfies Readonly<Record<Workload['kind'], ClassOf<Identified>>>;
