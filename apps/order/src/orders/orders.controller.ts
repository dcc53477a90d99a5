import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { Actor, ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import { OrderDesk } from './order.desk.js';
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
  ) {}

  @Post()
  @ApiOperation({ summary: 'Create an order for a registered user; announces order.created' })
  @ApiCreatedResponse({ type: Order })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'The user is not registered (USER_UNKNOWN).' })
  @ApiConflictResponse({ type: ErrorDto, description: 'The id is taken (ORDER_EXISTS).' })
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
