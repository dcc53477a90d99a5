import { Type } from 'class-transformer';
import { IsArray, IsInt, IsISO8601, IsString, Min, ValidateNested } from 'class-validator';
import { Bucket } from '@millrace/storage';

export class ListedOrder {
  @IsString() id!: string;
  /** When it was created. */
  @IsISO8601({ strict: true }) at!: string;
}

/**
 * The ids of orders, newest first: an index over the orders. The newest are under the list's name; older ones
 * in chunks of their own, which do not change any more.
 */
@Bucket('order-lists')
export class OrderList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedOrder)
  orders!: ListedOrder[];

  /** How many chunks there are besides. */
  @IsInt() @Min(0) chunks!: number;
}
