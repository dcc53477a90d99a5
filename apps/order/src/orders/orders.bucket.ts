import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsISO8601,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import { OrderCreated } from '@millrace/contracts';
import { Encrypted } from '@millrace/core';
import { Bucket } from '@millrace/storage';
import { AddressDto, OrderLineDto } from './orders.dto.js';

/** Where an order stands. */
export const ORDER_STATUSES = ['created', 'processing'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export class HistoryEntry {
  @ApiProperty({ enum: ORDER_STATUSES }) @IsIn(ORDER_STATUSES) status!: OrderStatus;
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) at!: string;
}

/** An order, by id. Money is in whole cents. */
@Bucket('orders', { events: [OrderCreated] })
export class Order {
  @ApiProperty() @IsString() id!: string;
  @ApiProperty() @IsString() userId!: string;

  @ApiProperty({ type: [OrderLineDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ValidateNested({ each: true })
  @Type(() => OrderLineDto)
  lines!: OrderLineDto[];

  @ApiProperty({ example: 2500 }) @IsInt() @Min(0) totalCents!: number;
  @ApiProperty({ example: 'EUR' }) @IsISO4217CurrencyCode() currency!: string;

  @ApiPropertyOptional({ type: AddressDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => AddressDto)
  @Encrypted()
  address?: AddressDto;

  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) createdAt!: string;
  @ApiProperty({ enum: ORDER_STATUSES }) @IsIn(ORDER_STATUSES) status!: OrderStatus;

  @ApiProperty({ type: [HistoryEntry], description: 'How it came to its status, oldest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HistoryEntry)
  history!: HistoryEntry[];
}
