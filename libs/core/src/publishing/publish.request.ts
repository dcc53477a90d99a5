import { MsgHdrs } from '@nats-io/transport-node';
import { MillraceError } from '../errors/millrace.error.js';
import { PublishAnswer } from './publish-ack.js';

export interface PublishRequest {
  subject: string;
  payload: Uint8Array;
  /** Should carry `Nats-Msg-Id` or an expected sequence: the message may be sent more than once. */
  headers: MsgHdrs;
  /** In place of the publisher's own deadline. */
  deadlineMs?: number | undefined;
}

/** A request whose headers are encoded already: the bytes that precede the body. */
export interface EncodedRequest extends Omit<PublishRequest, 'headers'> {
  headers: Uint8Array;
}

export type AnyRequest = PublishRequest | EncodedRequest;

/** What becomes of many publishes: one object for all of them, where a closure for each would be half their garbage. */
export interface PublishOutcome<Q extends AnyRequest, R> {
  /** What a publish resolves to. */
  resultOf(ack: StoredAck, request: Q): R;
  /** Told before a publish is rejected. */
  onFailure?(error: MillraceError, request: Q): void;
}

/** Where the server stored a message. */
export interface StoredAck {
  stream: string;
  sequence: number;
  /** The server had a message with this id already, and stored nothing new. */
  duplicate: boolean;
}

/** An answer that means the message was not stored. */
export type Refusal = Exclude<PublishAnswer, { kind: 'stored' | 'foreign' }>;

/** What has been tried to get a request stored. */
export interface PublishAttempts {
  readonly request: AnyRequest;
  attempts: number;
  /** How many attempts the server has answered with a refusal: those stored nothing. */
  refusals: number;
}
