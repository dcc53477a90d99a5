import { Delivery } from '../message/delivery.js';
import { BatchItem } from './batch.item.js';

/** Messages that are handled together, in the order they came. */
export class Batch<M extends Delivery> {
  private aborting: AbortSignal | undefined;

  constructor(readonly items: readonly BatchItem<M>[]) {}

  /** Aborts when the batch's time is up, or when the application stops and can wait no longer. */
  get signal(): AbortSignal {
    return (this.aborting ??= AbortSignal.any(this.items.map(({ message }) => message.signal)));
  }
}

/** Handles a batch. What it returns is of no consequence; what it throws fails what it has not settled. */
export type BatchHandler<M extends Delivery> = (batch: Batch<M>) => unknown;
