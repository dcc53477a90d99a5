import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
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
import { PageQuery } from '@millrace-apps/shared';

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

/** `POST /orders` */
export class CreateOrderDto {
  @ApiProperty() @IsString() @Length(1, 64) userId!: string;

  @ApiProperty({ type: [OrderLineDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => OrderLineDto)
  lines!: OrderLineDto[];

  @ApiProperty({ example: 'EUR', description: 'ISO 4217.' }) @IsISO4217CurrencyCode() currency!: string;

  @ApiPropertyOptional({ type: AddressDto, description: 'Stored encrypted.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => AddressDto)
  address?: AddressDto;

  @ApiPropertyOptional({
    description: 'An id of your choice, so that the request can be repeated safely: the second answers 409.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  @Matches(/\S/, { message: '$property must not be blank' })
  id?: string;
}

/** `GET /orders` */
export class OrdersQuery extends PageQuery {
  @ApiProperty() @IsString() @Length(1, 64) userId!: string;
}
