import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
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
import { ApiCommonErrors, ErrorDto } from '@millrace-apps/shared';
import { Order } from './orders.bucket.js';
import { CreateOrderDto, OrdersQuery } from './orders.dto.js';
import { OrdersService } from './orders.service.js';

class OrderPageDto {
  @ApiProperty({ type: [Order] }) items!: Order[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextOffset?: number;
}

@ApiTags('orders')
@ApiCommonErrors()
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  @ApiOperation({ summary: 'Create an order for a registered user; announces order.created' })
  @ApiCreatedResponse({ type: Order })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'The user is not registered.' })
  @ApiConflictResponse({ type: ErrorDto, description: 'The id is taken.' })
  create(@Body() request: CreateOrderDto): Promise<Order> {
    return this.orders.create(request);
  }

  @Get()
  @ApiOperation({ summary: "A user's orders, newest first" })
  @ApiOkResponse({ type: OrderPageDto })
  list(@Query() query: OrdersQuery): Promise<OrderPageDto> {
    return this.orders.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One order' })
  @ApiOkResponse({ type: Order })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param('id') id: string): Promise<Order> {
    return this.orders.get(id);
  }
}
