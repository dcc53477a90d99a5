import { Injectable, type MessageEvent, type OnModuleDestroy } from '@nestjs/common';
import { toError, toMillis } from '@millrace/core';
import { type Bucket, InjectBucket, type Watch } from '@millrace/storage';
import { Observable } from 'rxjs';
import { OrderConfig } from '../order.config.js';
import { Order } from './orders.bucket.js';
import { orderUnknown } from './orders.errors.js';

/** Orders as they change. Every stream is a watch of one key, which the server filters. */
@Injectable()
export class OrderStreams implements OnModuleDestroy {
  private readonly open = new Set<Watch<Order>>();

  constructor(
    @InjectBucket(Order) private readonly orders: Bucket<Order>,
    private readonly config: OrderConfig,
  ) {}

  /** What the order is, and then each time what it becomes. @throws NotFoundException `ORDER_UNKNOWN` */
  async of(id: string): Promise<Observable<MessageEvent>> {
    const entry = await this.orders.get(id);
    if (!entry) throw orderUnknown(id);
    return new Observable((subscriber) => {
      const watch = this.orders.watch(isPattern(id) ? (key) => key === id : id, { from: entry.revision });
      this.open.add(watch);
      const heart = setInterval(
        () => subscriber.next({ type: 'heartbeat', data: '' }),
        toMillis(this.config.STREAM_HEARTBEAT),
      );
      const tell = async (): Promise<void> => {
        for await (const change of watch) {
          if (change.kind !== 'put') break;
          if (change.value === undefined) throw toError(change.error);
          subscriber.next({ id: String(change.revision), type: 'order', data: change.value });
        }
      };
      tell().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => {
        clearInterval(heart);
        watch.stop();
        this.open.delete(watch);
      };
    });
  }

  // A stream would keep the server from closing.
  onModuleDestroy(): void {
    for (const watch of this.open) watch.stop();
  }
}

const isPattern = (id: string): boolean => /[*>]/.test(id);
