import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsInt,
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
