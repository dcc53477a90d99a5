import { Duration, EventContract } from '@millrace/core';

/** How to publish one event. */
export interface PublishOptions {
  /** In place of the key that the contract declares. */
  key?: string;
  /**
   * The event's id. Two publishes with one id within the stream's duplicate window (2 minutes) store one
   * event. Default a random UUID, kept across the retries of this publish.
   */
  messageId?: string;
  /** Headers of your own. `Nats-`, `ce-` and `Millrace-` names are refused. */
  headers?: Readonly<Record<string, string>>;
  /** After that long the server deletes the event, handled or not; whole seconds, rounded up. */
  ttl?: Duration;
  /** The server holds the event back for that long. It is durable meanwhile, and can be cancelled. */
  delay?: Duration;
  /** As `delay`, until an instant; one that has passed is published at once. Not together with `delay`. */
  at?: Date;
  /** In place of the connection's deadline. */
  deadline?: Duration;
}

/** One event on its way out, as publishing middlewares see it. */
export interface Publication {
  readonly contract: EventContract;
  readonly event: object;
  readonly options: PublishOptions;
}

/** Where an event was stored. */
export interface PublishResult {
  messageId: string;
  stream: string;
  sequence: number;
  /** The server had an event with this id already, and stored nothing new. */
  duplicate: boolean;
}

export type PublishHandler = (publication: Publication) => Promise<PublishResult>;

/** Behaviour around publishing: takes a handler, gives one. */
export type PublishMiddleware = (next: PublishHandler) => PublishHandler;
