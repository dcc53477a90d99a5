import { MsgHdrs } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { Clock } from '../clock/clock.js';
import { Codec } from '../codec/codec.js';
import { ErrorCode } from '../errors/error-codes.js';
import { writeEventHeaders } from '../headers/cloud-event.js';
import { configInvalid, ContractViolationError } from '../errors/millrace.error.js';
import { errorMessage } from '../errors/error-text.js';
import { assertUserHeaders, HeaderMap } from '../headers/header-value.js';
import { childTrace } from '../headers/trace-context.js';
import { eventSubject } from '../subjects/event-subject.js';
import { isUnicodeText } from '../subjects/unicode-text.js';
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
 * @throws MillraceError `CONFIG_INVALID` for a key that is not text, a message id that cannot serve as one, or
 *   headers that may not be set; `KEY_INVALID`; `EVENT_INVALID` for what the codec cannot write.
 */
export const encodeEvent = (
  contract: EventContract,
  event: object,
  options: EncodeOptions,
  { source, codec, clock }: EventEncoderPorts,
): EncodedEvent => {
  if (options.headers) assertUserHeaders(options.headers);
  const key = options.key ?? eventKeyOf(contract, event);
  const messageId = assertMessageId(options.messageId ?? randomUUID());
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
  return {
    subject: eventSubject(contract.name, key),
    payload: encodeBody(contract, event, codec),
    headers,
    messageId,
    key,
  };
};

// The server would not compare an empty id, and two ids that differ in a lone surrogate alone become one on the wire.
const assertMessageId = (id: string): string => {
  if (id !== '' && isUnicodeText(id)) return id;
  throw configInvalid(
    `The message id ${JSON.stringify(id.slice(0, 64))} is ${id === '' ? 'empty' : 'not Unicode text'}`,
    'Give an id of its own to every event, or none',
  );
};

const encodeBody = (contract: EventContract, event: object, codec: Codec): Uint8Array => {
  try {
    return codec.encode(event);
  } catch (error) {
    const message = `cannot be written as ${codec.contentType} (${errorMessage(error)})`;
    throw new ContractViolationError(ErrorCode.EventInvalid, contract.type, [
      { path: '', constraint: 'isEncodable', message },
    ]);
  }
};
