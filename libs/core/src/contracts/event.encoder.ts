import { MsgHdrs } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { Clock } from '../clock/clock.js';
import { Codec } from '../codec/codec.js';
import { ErrorCode } from '../errors/error-codes.js';
import { writeEventHeaders } from '../headers/cloud-event.js';
import { assertUserHeaders, HeaderMap } from '../headers/header-value.js';
import { childTrace } from '../headers/trace-context.js';
import { eventSubject } from '../subjects/event-subject.js';
import { toValidInstance } from './contract.validator.js';
import { EventContract, eventKeyOf } from './event.decorator.js';

/** What an event needs beside its contract and its fields. */
export interface EncodeOptions {
  /** In place of the key that the contract declares. */
  key?: string | undefined;
  /** Becomes `ce-id` and `Nats-Msg-Id`. Default a random UUID. */
  messageId?: string | undefined;
  headers?: HeaderMap | undefined;
  /** The `traceparent` of what caused the event. */
  parentTrace?: string | undefined;
}

/** An event as it goes over the wire. */
export interface EncodedEvent {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs;
  messageId: string;
  key: string | undefined;
}

export interface EventEncoderPorts {
  /** The application's name. */
  source: string;
  codec: Codec;
  clock: Clock;
}

/**
 * Validates `event` against its contract.
 * @throws ContractViolationError `EVENT_INVALID` with every violated constraint by path.
 */
export const validateEvent = (contract: EventContract, event: unknown): object | Promise<object> =>
  toValidInstance(contract.target, event, { code: ErrorCode.EventInvalid, name: contract.type });

/**
 * A validated event as bytes, subject and headers.
 * @throws MillraceError `CONFIG_INVALID` for a key that is not text, or headers that may not be set.
 */
export const encodeEvent = (
  contract: EventContract,
  event: object,
  options: EncodeOptions,
  { source, codec, clock }: EventEncoderPorts,
): EncodedEvent => {
  if (options.headers) assertUserHeaders(options.headers);
  const key = options.key ?? eventKeyOf(contract, event);
  const messageId = options.messageId ?? randomUUID();
  const headers = writeEventHeaders(
    {
      id: messageId,
      source,
      type: contract.type,
      version: contract.version,
      key,
      time: new Date(clock.now()),
      contentType: codec.contentType,
      traceparent: childTrace(options.headers?.['traceparent'] ?? options.parentTrace),
    },
    options.headers,
  );
  return { subject: eventSubject(contract.name, key), payload: codec.encode(event), headers, messageId, key };
};
