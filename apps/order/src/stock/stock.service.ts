import { Injectable } from '@nestjs/common';
import { type Goods, StockRefused, StockReleased, StockReserved } from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { type Bucket, type CommitAllDecision, type Entry, InjectBucket } from '@millrace/storage';
import { OrderConfig } from '../order.config.js';
import { goodsKey, reservationKey, StockRecord } from './stock.bucket.js';

type Current = ReadonlyMap<string, Entry<StockRecord>>;

/** Of how many goods there are enough. Goods of which nobody said how many there are may be endless. */
@Injectable()
export class StockService {
  constructor(
    @InjectBucket(StockRecord) private readonly stock: Bucket<StockRecord>,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly config: OrderConfig,
  ) {}

  /** How many can be sold; `undefined` for goods that are not counted. */
  async available(sku: string): Promise<number | undefined> {
    return (await this.stock.get(goodsKey(sku)))?.value.available ?? this.config.STOCK_DEFAULT;
  }

  async set(sku: string, available: number): Promise<void> {
    await this.stock.put(goodsKey(sku), { available });
  }

  /** Nobody counts them any more. */
  async forget(sku: string): Promise<void> {
    await this.stock.delete(goodsKey(sku));
  }

  /** Takes all goods of an order, or none; once, and not where they were released before. */
  async reserve(orderId: string, goods: readonly Goods[]): Promise<void> {
    const counted = await this.counted(goods);
    const wanted = sumOf(counted);
    const key = reservationKey(orderId);
    await this.stock.commitAll([key, ...goodsKeys(wanted)], (current) => {
      if (current.has(key)) return {};
      const at = this.now();
      const lacking = [...wanted].filter(([sku, quantity]) => this.levelIn(current, sku) < quantity);
      if (lacking.length > 0) {
        const skus = lacking.map(([sku]) => sku);
        return {
          states: [[key, { reservation: 'refused' }]],
          events: [new StockRefused({ orderId, skus, at })],
        };
      }
      return {
        states: [
          [key, { reservation: 'reserved', goods: counted }],
          ...this.changed(
            current,
            [...wanted].map(([sku, quantity]) => [sku, -quantity]),
          ),
        ],
        events: [new StockReserved({ orderId, at })],
      };
    });
  }

  /** Gives back what was taken for an order, and sees to it that nothing will be. */
  async release(orderId: string): Promise<void> {
    const key = reservationKey(orderId);
    for (let again = true; again;) {
      again = false;
      const taken = sumOf((await this.stock.get(key))?.value.goods ?? []);
      await this.stock.commitAll([key, ...goodsKeys(taken)], (current) => {
        const record = current.get(key)?.value;
        again = false;
        if (record?.reservation === 'released') return {};
        // They were taken since it was looked which they are.
        again = sumOf(record?.goods ?? []).size !== taken.size;
        return again ? {} : this.released(orderId, current, taken);
      });
    }
  }

  private released(
    orderId: string,
    current: Current,
    taken: ReadonlyMap<string, number>,
  ): CommitAllDecision<StockRecord> {
    return {
      states: [[reservationKey(orderId), { reservation: 'released' }], ...this.changed(current, taken)],
      events: [new StockReleased({ orderId, at: this.now() })],
    };
  }

  private changed(
    current: Current,
    changes: Iterable<readonly [sku: string, by: number]>,
  ): [string, StockRecord][] {
    return [...changes]
      .map(([sku, by]): [string, number] => [goodsKey(sku), this.levelIn(current, sku) + by])
      .filter(([, available]) => available !== Infinity)
      .map(([key, available]) => [key, { available }]);
  }

  private levelIn(current: Current, sku: string): number {
    return current.get(goodsKey(sku))?.value.available ?? this.config.STOCK_DEFAULT ?? Infinity;
  }

  private async counted(goods: readonly Goods[]): Promise<Goods[]> {
    const skus = new Set(goods.map(({ sku }) => sku));
    const levels = new Map(
      await Promise.all([...skus].map(async (sku) => [sku, await this.available(sku)] as const)),
    );
    return goods.filter(({ sku }) => levels.get(sku) !== undefined);
  }

  private now(): string {
    return new Date(this.connection.clock.now()).toISOString();
  }
}

/** How many of each, of goods that may stand in several lines. */
const sumOf = (goods: readonly Goods[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of goods) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
};

const goodsKeys = (sums: ReadonlyMap<string, number>): string[] => [...sums.keys()].map(goodsKey);
