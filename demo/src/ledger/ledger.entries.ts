/** An event as it lies in its stream. */
export interface StoredEvent {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  /** As in `order.created`. */
  readonly type: string;
  readonly key: string | undefined;
  readonly id: string;
  /** Who published it. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
  /** Of a replayed dead letter: the only group that it is for. */
  readonly onlyFor: string | undefined;
}

/** From where on a group takes events. */
export type GroupStart =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'sequence'; readonly sequence: number }
  | { readonly kind: 'time'; readonly at: number };

/** A group's place in one stream, as the server tells it: its durable consumer. */
export interface GroupState {
  readonly stream: string;
  readonly consumer: string;
  readonly group: string;
  readonly app: string;
  /** The subjects that it takes. */
  readonly filter: string;
  readonly start: GroupStart;
  /** Everything up to this sequence is settled. */
  readonly ackFloor: number;
  /** Events not delivered yet, and delivered but not settled. */
  readonly pending: number;
  readonly ackPending: number;
}

/** What an app's audit plugin tells of one delivery. */
export interface HandledRecord {
  readonly app: string;
  readonly group: string;
  readonly type: string;
  readonly key: string | undefined;
  readonly stream: string;
  readonly sequence: number;
  readonly attempt: number;
  readonly outcome: 'ack' | 'retry' | 'dead-letter';
  readonly ms: number;
  readonly cause: string | undefined;
}

/** A dead letter as it lies in its stream. */
export interface DeadLetterEntry {
  /** Its own sequence. */
  readonly entry: number;
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly group: string;
  readonly attempts: number;
  readonly cause: string;
}
