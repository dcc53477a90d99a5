import { applyDecorators, Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Actor, ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import {
  cancelled,
  completed,
  confirmed,
  received,
  returned,
  returnRequested,
  signed,
} from './order.steps.js';
import { Order } from './orders.bucket.js';
import { ReturnDto, SignatureDto } from './orders.dto.js';
import { OrdersService } from './orders.service.js';

const Transition = (name: string, summary: string): MethodDecorator =>
  applyDecorators(
    Post(`:id/${name}`),
    HttpCode(200),
    ApiOperation({ summary }),
    ApiOkResponse({ type: Order }),
    ApiNotFoundResponse({ type: ErrorDto, description: 'ORDER_UNKNOWN' }),
    ApiConflictResponse({
      type: ErrorDto,
      description: 'ORDER_TRANSITION_ILLEGAL, with the `status`, what was `attempted`, and what is `legal`.',
    }),
  );

/** What people do to an order. The rest of its life is driven by events. */
@ApiTags('orders')
@ApiCommonErrors()
@RequireScope('admin')
@Controller('orders')
export class OrderTransitionsController {
  constructor(private readonly orders: OrdersService) {}

  @Transition('confirm', 'Confirm an order: its payment is asked for; announces order.updated')
  confirm(@Param('id') id: string, @Actor() actor: string): Promise<Order> {
    return this.orders.take(id, actor, confirmed);
  }

  @Transition('sign', 'Sign the contract: its shipment is asked for; announces order.signed')
  sign(@Param('id') id: string, @Body() { signedBy }: SignatureDto, @Actor() actor: string): Promise<Order> {
    return this.orders.take(id, actor, (order, context) => signed(order, signedBy, context));
  }

  @Transition('receive', 'Sign for the goods; announces order.received')
  receive(
    @Param('id') id: string,
    @Body() { signedBy }: SignatureDto,
    @Actor() actor: string,
  ): Promise<Order> {
    return this.orders.take(id, actor, (order, context) => received(order, signedBy, context));
  }

  @Transition('complete', 'Close an order before its return window ends; announces order.completed')
  complete(@Param('id') id: string, @Actor() actor: string): Promise<Order> {
    return this.orders.take(id, actor, completed);
  }

  @Transition('cancel', 'Cancel an order: what was done for it is undone; announces order.cancelled')
  cancel(@Param('id') id: string, @Actor() actor: string): Promise<Order> {
    return this.orders.take(id, actor, (order, context) => cancelled(order, 'requested', context));
  }

  @Transition('return', 'Ask to give the goods back; announces order.return-requested')
  requestReturn(
    @Param('id') id: string,
    @Body() { reason }: ReturnDto,
    @Actor() actor: string,
  ): Promise<Order> {
    return this.orders.take(id, actor, (order, context) => returnRequested(order, reason, context));
  }

  @Transition('returned', 'The goods came back: they are refunded; announces order.returned')
  return(@Param('id') id: string, @Actor() actor: string): Promise<Order> {
    return this.orders.take(id, actor, returned);
  }
}
