/** One event that one group has handled, or tried to. */
export interface HandledRecord {
  /** Milliseconds since the epoch. */
  at: number;
  app: string;
  group: string;
  /** As in `order.created`. */
  type: string;
  key?: string;
  /** The event's id (`ce-id`). */
  id: string;
  /** Who published it. */
  source: string;
  stream: string;
  sequence: number;
  attempt: number;
  outcome: 'ack' | 'retry' | 'dead-letter';
  /** How long the handler took. */
  ms: number;
  /** Why it was not acknowledged. */
  cause?: string;
}

/** One event that this app's bus has published. What a bucket commits goes out with the bucket's state instead. */
export interface PublishedRecord {
  /** Milliseconds since the epoch. */
  at: number;
  app: string;
  type: string;
  messageId: string;
  stream: string;
  sequence: number;
  /** The server had this event already. */
  duplicate: boolean;
  /** How long it took until the event was stored. */
  ms: number;
}

export const handledSubject = (app: string): string => `audit.${app}.handled`;
export const publishedSubject = (app: string): string => `audit.${app}.published`;
