import { Body, Controller, Get, type MessageEvent, Param, Patch, Post, Query, Sse } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiServiceUnavailableResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Actor, ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import { type Observable } from 'rxjs';
import { OrderDesk } from './order.desk.js';
import { OrderStreams } from './order.streams.js';
import { HistoryEntry, Order } from './orders.bucket.js';
import { CreateOrderDto, EditOrderDto, OrdersQuery } from './orders.dto.js';
import { OrdersService } from './orders.service.js';

class OrderPageDto {
  @ApiProperty({ type: [Order] }) items!: Order[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextOffset?: number;
}

/** Orders, as an administrator sees them. */
@ApiTags('orders')
@ApiCommonErrors()
@RequireScope('admin')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly desk: OrderDesk,
    private readonly streams: OrderStreams,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Create an order for a registered user; announces order.created' })
  @ApiCreatedResponse({ type: Order })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'The user is not registered (USER_UNKNOWN).' })
  @ApiConflictResponse({ type: ErrorDto, description: 'The id is taken (ORDER_EXISTS).' })
  @ApiServiceUnavailableResponse({
    type: ErrorDto,
    description:
      'Nobody can say whether the user is registered (USERS_UNAVAILABLE), or NATS is away; try again.',
  })
  create(@Body() request: CreateOrderDto, @Actor() actor: string): Promise<Order> {
    return this.desk.create(request, actor);
  }

  @Get()
  @ApiOperation({
    summary: 'Orders, newest first',
    description:
      'Offsets count all orders of the user, or of the span of time. With a status, a page may hold fewer than `limit` although others follow: go on at `nextOffset`.',
  })
  @ApiOkResponse({ type: OrderPageDto })
  list(@Query() query: OrdersQuery): Promise<OrderPageDto> {
    return this.orders.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One order' })
  @ApiOkResponse({ type: Order })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'ORDER_UNKNOWN' })
  get(@Param('id') id: string): Promise<Order> {
    return this.orders.get(id);
  }

  @Get(':id/history')
  @ApiOperation({ summary: 'Every event that an order told of, oldest first' })
  @ApiOkResponse({ type: [HistoryEntry] })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'ORDER_UNKNOWN' })
  async history(@Param('id') id: string): Promise<HistoryEntry[]> {
    return (await this.orders.get(id)).history;
  }

  @Sse(':id/stream')
  @ApiOperation({
    summary: 'An order as it changes, as server-sent events',
    description:
      'An event `order` with what it is, then one with each change; its id is the revision. In between an event `heartbeat` with no data.',
  })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { $ref: getSchemaPath(Order) } } } })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'ORDER_UNKNOWN' })
  stream(@Param('id') id: string): Promise<Observable<MessageEvent>> {
    return this.streams.of(id);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change an order; announces order.updated',
    description:
      'Lines while it is created: what is confirmed is paid as it is. Address and contact until it is paid.',
  })
  @ApiOkResponse({ type: Order })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'ORDER_UNKNOWN' })
  @ApiConflictResponse({ type: ErrorDto, description: 'ORDER_TRANSITION_ILLEGAL, ORDER_EDITED_TOO_OFTEN' })
  edit(@Param('id') id: string, @Body() edits: EditOrderDto, @Actor() actor: string): Promise<Order> {
    return this.desk.edit(id, edits, actor);
  }
}
