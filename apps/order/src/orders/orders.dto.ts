import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsDate,
  IsEmail,
  IsIn,
  IsInt,
  IsISO31661Alpha2,
  IsISO4217CurrencyCode,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ORDER_LIMITS } from '@millrace/contracts';
import { IfGiven, PageQuery } from '@millrace-apps/shared';
import { ORDER_STATUSES, type OrderStatus } from './order.machine.js';

export class OrderLineDto {
  @ApiProperty({ example: 'MUG-01' }) @IsString() @Length(1, 64) sku!: string;
  @ApiProperty({ example: 2, minimum: 1 }) @IsInt() @Min(1) @Max(ORDER_LIMITS.quantity) quantity!: number;

  @ApiProperty({ example: 1250, minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(ORDER_LIMITS.unitPriceCents)
  unitPriceCents!: number;
}

/** Where an order goes. */
export class AddressDto {
  @ApiProperty({ example: 'Ada Lovelace' }) @IsString() @Length(1, 100) name!: string;
  @ApiProperty({ example: '12 St James’s Square' }) @IsString() @Length(1, 200) street!: string;
  @ApiProperty({ example: 'SW1Y 4JH' }) @IsString() @Length(1, 16) postalCode!: string;
  @ApiProperty({ example: 'London' }) @IsString() @Length(1, 100) city!: string;
  @ApiProperty({ example: 'GB', description: 'ISO 3166-1, two letters.' })
  @IsISO31661Alpha2()
  country!: string;
}

/** Whom to reach about an order. */
export class ContactDto {
  @ApiPropertyOptional({ example: 'ada@example.org' }) @IsOptional() @IsEmail() email?: string;
  @ApiPropertyOptional({ example: '+44 20 7946 0000' })
  @IsOptional()
  @IsString()
  @Length(3, 32)
  phone?: string;
}

/** What an order has, and what of it can be changed. */
class OrderParts {
  @ApiProperty({ type: [OrderLineDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => OrderLineDto)
  lines!: OrderLineDto[];

  @ApiPropertyOptional({ type: AddressDto, description: 'Stored encrypted.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => AddressDto)
  address?: AddressDto;

  @ApiPropertyOptional({ type: ContactDto, description: 'Stored encrypted.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ContactDto)
  contact?: ContactDto;
}

/** `POST /orders` */
export class CreateOrderDto extends OrderParts {
  @ApiProperty() @IsString() @Length(1, 64) userId!: string;
  @ApiProperty({ example: 'EUR', description: 'ISO 4217.' }) @IsISO4217CurrencyCode() currency!: string;

  @ApiPropertyOptional({
    description: 'An id of your choice, so that the request can be repeated safely: the second answers 409.',
  })
  @IfGiven()
  @IsString()
  @Length(1, 64)
  @Matches(/\S/, { message: '$property must not be blank' })
  id?: string;

  @ApiPropertyOptional({ default: false, description: 'Confirm it at once: its payment is asked for.' })
  @IfGiven()
  @IsBoolean()
  confirm?: boolean;
}

/** `PATCH /orders/:id` */
export class EditOrderDto extends PartialType(OrderParts) {}

/** `POST /orders/:id/sign`, and `/receive` */
export class SignatureDto {
  @ApiProperty({ example: 'Ada Lovelace', description: 'Stored encrypted.' })
  @IsString()
  @Length(1, 100)
  @Matches(/\S/, { message: '$property must not be blank' })
  signedBy!: string;
}

/** `POST /orders/:id/return` */
export class ReturnDto {
  @ApiProperty({ example: 'It does not fit' }) @IsString() @Length(1, 500) reason!: string;
}

/** `GET /orders` */
export class OrdersQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only those of one user.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  userId?: string;

  @ApiPropertyOptional({ enum: ORDER_STATUSES })
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  status?: OrderStatus;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Created then or later.' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  from?: Date;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Created before then. With it, pages stay as they are while orders are created.',
  })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  until?: Date;
}
