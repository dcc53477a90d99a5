import { StoredMsg } from '@nats-io/jetstream';
import { HeaderMap, readHeaders } from '@millrace/core';
import { Delivery, Origin } from '../message/delivery.js';

/** What a dead letter tells of: a delivery, or a message that the server gave up. */
export type DeadMessage = Pick<
  Delivery,
  'stream' | 'sequence' | 'attempt' | 'group' | 'subject' | 'headers' | 'body' | 'storedAt'
>;

export interface GivenUp {
  stored: StoredMsg;
  stream: string;
  group: string;
  /** Deliveries used up. */
  attempt: number;
  /** Where it comes from, in place of where it lies. */
  origin?: Origin | undefined;
}

/** A message that no consumer delivers any more, as it lies in its stream. */
export class StoredDeadMessage implements DeadMessage {
  readonly stream: string;
  readonly group: string;
  readonly attempt: number;
  readonly sequence: number;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly storedAt: Date;
  private readonly stored: StoredMsg;

  constructor({ stored, stream, group, attempt, origin }: GivenUp) {
    this.stored = stored;
    this.stream = origin?.stream ?? stream;
    this.group = group;
    this.attempt = attempt;
    this.sequence = origin?.sequence ?? stored.seq;
    this.subject = origin?.subject ?? stored.subject;
    this.body = stored.data;
    this.storedAt = stored.time;
  }

  get headers(): HeaderMap {
    return readHeaders(this.stored.header);
  }
}

/** Another client may store headers that this one cannot read; the dead letter must not fail for them. */
export const headersOf = (message: Pick<DeadMessage, 'headers'>): HeaderMap => {
  try {
    return message.headers;
  } catch {
    return {};
  }
};
