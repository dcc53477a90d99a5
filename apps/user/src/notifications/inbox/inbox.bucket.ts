import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsISO8601, IsOptional, IsString, ValidateNested } from 'class-validator';
import { NotificationDue } from '@millrace/contracts';
import { Bucket } from '@millrace/storage';

export class Notification {
  @ApiProperty({ description: 'The id of the event that it tells of.' }) @IsString() id!: string;
  @ApiProperty({ example: 'order.created' }) @IsString() type!: string;
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) at!: string;
  @ApiProperty({ example: 'Your order 7f3a… over 12.50 EUR was received' }) @IsString() text!: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Absent while it is unread.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  readAt?: string;
}

/** What a user was told, newest first, by the user's id. */
@Bucket('user-notifications', { events: [NotificationDue] })
export class Inbox {
  /** Of the user whose it is: of another one who had the same id before, it is none of this one's business. */
  @IsISO8601({ strict: true }) registeredAt!: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Notification)
  items!: Notification[];
}
