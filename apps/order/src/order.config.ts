import { Type } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, Max, Min } from 'class-validator';
import { type Duration } from '@millrace/core';
import { EncryptingConfig, IsDuration } from '@millrace-apps/shared';

/** The environment of the order app. */
export class OrderConfig extends EncryptingConfig {
  readonly app = 'order';
  override PORT = 3002;

  /** How long a confirmed order waits to be paid, before it is cancelled. */
  @IsDuration() PAYMENT_TIMEOUT: Duration = '15m';

  /** How long an order may be on its way before its customer is reminded. */
  @IsDuration() RECEIPT_REMINDER: Duration = '14d';

  /** How long after its receipt an order is completed by itself. */
  @IsDuration() RETURN_WINDOW: Duration = '14d';

  /** How long the simulated bank takes to answer; at once where it is not set. */
  @IsOptional() @IsDuration() PAYMENT_DELAY?: Duration;

  /** The part of all payments that it refuses, from 0 to 1. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) PAYMENT_FAILURE_RATE = 0;

  /** As of payments, for the simulated carriers. */
  @IsOptional() @IsDuration() SHIPMENT_DELAY?: Duration;
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) SHIPMENT_FAILURE_RATE = 0;

  /** How many there are of goods of which nobody said it; they are endless where it is not set. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) STOCK_DEFAULT?: number;

  /** How often a stream of server-sent events that has nothing to tell says that it is still there. */
  @IsDuration() STREAM_HEARTBEAT: Duration = '15s';
}
