import { Injectable } from '@nestjs/common';
import { StockReleaseRequested, StockRequested } from '@millrace/contracts';
import { Subscribe } from '@millrace/events';
import { StockService } from './stock.service.js';

/** Reserves and releases. A release that comes first keeps the reservation from being made: no order is needed. */
@Injectable()
export class StockSubscriber {
  constructor(private readonly stock: StockService) {}

  @Subscribe([StockRequested, StockReleaseRequested], { group: 'order-stock' })
  async handle(request: StockRequested | StockReleaseRequested): Promise<void> {
    if (request instanceof StockRequested) await this.stock.reserve(request.orderId, request.goods);
    else await this.stock.release(request.orderId);
  }
}
