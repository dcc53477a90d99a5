import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { ApiCommonErrors, ErrorDto, PageQuery, takePage } from '@millrace-apps/shared';
import { Notification } from './notifications.bucket.js';
import { NotificationsService } from './notifications.service.js';

class NotificationPageDto {
  @ApiProperty({ type: [Notification] }) items!: Notification[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextOffset?: number;
}

@ApiTags('notifications')
@ApiCommonErrors()
@Controller('users/:id/notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get()
  @ApiOperation({ summary: 'What a user was told, newest first; the newest 100 are kept' })
  @ApiOkResponse({ type: NotificationPageDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<NotificationPageDto> {
    return takePage(await this.notifications.list(id), query);
  }
}
