import { Duration, NatsModuleOptions, toMillis } from '@millrace/core';
import { EventsModuleOptions, SubscribeOptions } from '@millrace/events';

/** What `MillraceStrategy` and `MillraceClient` are given: the connection, as `NatsModule` takes it, and more. */
export interface TransportOptions extends NatsModuleOptions {
  /** How events are kept, retried and dead-lettered: as `EventsModule` takes it. */
  events?: EventsModuleOptions;
}

export interface StrategyOptions extends TransportOptions {
  /**
   * The replicas that share requests. Default the application's name; `false`: each replica answers each
   * request, as without a queue in Nest's NATS transport.
   */
  queue?: string | false;
  /** How many requests may be handled at once in one replica; the rest are answered as overload. Default 1024. */
  maxRequests?: number;
  /** How long requests may go on after the application was told to stop. Default 10 s. */
  shutdownTimeout?: Duration;
}

export interface ClientOptions extends TransportOptions {
  /** How long a request waits for its first reply, and then for each next one. Default 30 s. */
  replyTimeout?: Duration;
}

/** What Nest's `extras` may hold for an `@EventPattern`: what `@Subscribe` takes. */
export type EventExtras = SubscribeOptions;

/** What Nest's `extras` may hold for a `@MessagePattern`. */
export interface MessageExtras {
  /** As in {@link StrategyOptions}, for this pattern. */
  queue?: string | false;
}

export const TRANSPORT_DEFAULTS = {
  maxRequests: 1024,
  shutdownTimeout: '10s',
  replyTimeout: '30s',
} as const;

export const shutdownTimeoutOf = ({ shutdownTimeout }: StrategyOptions): number =>
  toMillis(shutdownTimeout ?? TRANSPORT_DEFAULTS.shutdownTimeout, 'shutdownTimeout');

export const replyTimeoutOf = ({ replyTimeout }: ClientOptions): number =>
  toMillis(replyTimeout ?? TRANSPORT_DEFAULTS.replyTimeout, 'replyTimeout');
