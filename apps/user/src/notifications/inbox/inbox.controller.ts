import {
  Controller,
  Get,
  Headers,
  HttpCode,
  type MessageEvent,
  Param,
  Post,
  Query,
  Sse,
} from '@nestjs/common';
import {
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { type Observable } from 'rxjs';
import { ApiCommonErrors, ErrorDto, EventStreams, PageQuery, takePage } from '@millrace-apps/shared';
import { UsersService } from '../../users/users.service.js';
import { UserConfig } from '../../user.config.js';
import { NotificationPageDto, ReadAnswerDto } from './inbox.dto.js';
import { InboxService } from './inbox.service.js';

@ApiTags('notifications')
@ApiCommonErrors()
@ApiNotFoundResponse({ type: ErrorDto })
@Controller('users/:id/notifications')
export class InboxController {
  constructor(
    private readonly inbox: InboxService,
    private readonly users: UsersService,
    private readonly streams: EventStreams,
    private readonly config: UserConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What a user was told, newest first; the newest 100 are kept' })
  @ApiOkResponse({ type: NotificationPageDto })
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<NotificationPageDto> {
    const items = await this.inbox.list(id);
    const unread = items.filter(({ readAt }) => readAt === undefined).length;
    return { ...(await takePage(items, query)), unread };
  }

  @Post('read')
  @HttpCode(200)
  @ApiOperation({ summary: 'Mark all as read' })
  @ApiOkResponse({ type: ReadAnswerDto })
  async markAllRead(@Param('id') id: string): Promise<ReadAnswerDto> {
    return { read: await this.inbox.markAllRead(id) };
  }

  @Post(':notificationId/read')
  @HttpCode(204)
  @ApiOperation({ summary: 'Mark one as read' })
  @ApiNoContentResponse()
  markRead(@Param('id') id: string, @Param('notificationId') notificationId: string): Promise<void> {
    return this.inbox.markRead(id, notificationId);
  }

  @Sse('stream')
  @ApiOperation({ summary: 'What a user is told from now on, as server-sent events; a comment now and then' })
  @ApiProduces('text/event-stream')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last that was received: what came since is sent first.',
  })
  @ApiOkResponse({
    schema: { type: 'string', example: 'event: order.paid\nid: 7f3a…\ndata: {"text":"…"}\n\n' },
  })
  async stream(
    @Param('id') id: string,
    @Headers('last-event-id') after: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    await this.users.get(id);
    const source = (signal: AbortSignal): AsyncGenerator<MessageEvent> =>
      this.messages(id, { after, signal });
    return this.streams.open(source, { heartbeat: this.config.STREAM_HEARTBEAT });
  }

  private async *messages(
    userId: string,
    from: { after: string | undefined; signal: AbortSignal },
  ): AsyncGenerator<MessageEvent> {
    for await (const notification of this.inbox.follow(userId, from)) {
      const { id, type } = notification;
      yield { id, type, data: notification };
    }
  }
}
