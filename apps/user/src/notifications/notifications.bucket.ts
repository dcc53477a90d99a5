import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsISO8601, IsString, ValidateNested } from 'class-validator';
import { Bucket } from '@millrace/storage';

export class Notification {
  @ApiProperty({ description: 'The id of the event that it tells of.' }) @IsString() id!: string;
  @ApiProperty({ example: 'order.created' }) @IsString() type!: string;
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) at!: string;
  @ApiProperty({ example: 'Your order 7f3a… over 12.50 EUR was received' }) @IsString() text!: string;
}

/** What a user was told, newest first, by the user's id. */
@Bucket('user-notifications')
export class Inbox {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Notification)
  items!: Notification[];
}
