import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Notification } from './inbox.bucket.js';

export class NotificationPageDto {
  @ApiProperty({ type: [Notification] }) items!: Notification[];
  @ApiProperty({ description: 'How many of those that are kept are unread.' }) unread!: number;
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextOffset?: number;
}

export class ReadAnswerDto {
  @ApiProperty({ description: 'How many became read by it.' }) read!: number;
}
