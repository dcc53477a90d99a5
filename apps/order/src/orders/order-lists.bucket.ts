import { Type } from 'class-transformer';
import { IsArray, IsISO8601, IsString, ValidateNested } from 'class-validator';
import { Bucket } from '@millrace/storage';

export class ListedOrder {
  @IsString() id!: string;
  /** When it was created. */
  @IsISO8601({ strict: true }) at!: string;
}

/** The ids of a user's orders, newest first, by the user's id: an index over the orders. */
@Bucket('order-lists')
export class OrderList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedOrder)
  orders!: ListedOrder[];
}
