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
import { CANCEL_REASONS, type CancelReason } from '@millrace/contracts';
import { Encrypted } from '@millrace/core';
import { Bucket } from '@millrace/storage';
import { ORDER_STATUSES, type OrderStatus } from './order.machine.js';
import { ORDER_EMITS } from './orders.emits.js';
import { AddressDto, ContactDto, OrderLineDto } from './orders.dto.js';

/** How far what the order asked of others has come. What is asked for in vain, or undone, is over. */
export const PAYMENT_STATES = ['requested', 'paid', 'failed', 'refund-requested', 'refunded'] as const;
export const STOCK_STATES = ['requested', 'reserved', 'refused', 'release-requested', 'released'] as const;
export const SHIPMENT_STATES = [
  'requested',
  'booked',
  'refused',
  'cancel-requested',
  'cancelled',
  'delivered',
] as const;

/** One event that the order told of. */
export class HistoryEntry {
  @ApiProperty({ example: 'order.paid' }) @IsString() event!: string;
  @ApiProperty({ enum: ORDER_STATUSES, description: 'Where the order stood from then on.' })
  @IsIn(ORDER_STATUSES)
  status!: OrderStatus;
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) at!: string;
  @ApiProperty({ description: 'An API key, a user, or a process.' }) @IsString() actor!: string;
}

/** An order, by id. Money is in whole cents. */
@Bucket('orders', { events: ORDER_EMITS })
export class Order {
  @ApiProperty() @IsString() id!: string;
  @ApiProperty() @IsString() userId!: string;

  @ApiProperty({ format: 'date-time', description: 'When the user registered who the order is for.' })
  @IsISO8601({ strict: true })
  userSince!: string;

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

  @ApiPropertyOptional({ type: ContactDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ContactDto)
  @Encrypted()
  contact?: ContactDto;

  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) createdAt!: string;
  @ApiProperty({ enum: ORDER_STATUSES }) @IsIn(ORDER_STATUSES) status!: OrderStatus;

  @ApiPropertyOptional({ enum: PAYMENT_STATES })
  @IsOptional()
  @IsIn(PAYMENT_STATES)
  payment?: (typeof PAYMENT_STATES)[number];

  @ApiPropertyOptional({ enum: STOCK_STATES })
  @IsOptional()
  @IsIn(STOCK_STATES)
  stock?: (typeof STOCK_STATES)[number];

  @ApiPropertyOptional({ enum: SHIPMENT_STATES })
  @IsOptional()
  @IsIn(SHIPMENT_STATES)
  shipment?: (typeof SHIPMENT_STATES)[number];

  @ApiPropertyOptional({ description: 'Who signed the contract.' })
  @IsOptional()
  @IsString()
  @Encrypted()
  signedBy?: string;

  @ApiPropertyOptional({ description: 'Who signed for the goods.' })
  @IsOptional()
  @IsString()
  @Encrypted()
  receivedBy?: string;

  @ApiPropertyOptional({ enum: CANCEL_REASONS })
  @IsOptional()
  @IsIn(CANCEL_REASONS)
  cancelReason?: CancelReason;

  @ApiProperty({ type: [HistoryEntry], description: 'How it came to its status, oldest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HistoryEntry)
  history!: HistoryEntry[];
}
