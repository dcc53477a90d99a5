import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, Min, ValidateNested } from 'class-validator';
import { Goods, StockRefused, StockReleased, StockReserved } from '@millrace/contracts';
import { Bucket } from '@millrace/storage';

export const RESERVATIONS = ['reserved', 'refused', 'released'] as const;

/**
 * How many there are of some goods, by `goodsKey`; and what became of an order's reservation, by
 * `reservationKey`. Both in one bucket, so that they change in one commit.
 */
@Bucket('stock', { events: [StockReserved, StockRefused, StockReleased] })
export class StockRecord {
  /** Of goods: so many can be sold. */
  @IsOptional() @IsInt() @Min(0) available?: number;

  /** Of an order. One that is released stays so, whatever is asked for later. */
  @IsOptional() @IsIn(RESERVATIONS) reservation?: (typeof RESERVATIONS)[number];

  /** Of an order: what was taken for it. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Goods)
  goods?: Goods[];
}

export const goodsKey = (sku: string): string => `goods:${sku}`;
export const reservationKey = (orderId: string): string => `order:${orderId}`;
