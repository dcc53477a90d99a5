import { MsgHdrs } from '@nats-io/transport-node';
import { Clock } from '../clock/clock.js';
import { Codec } from '../codec/codec.js';
import { ErrorCode } from '../errors/error-codes.js';
import { commonHeaderLines, eventHeaderLines } from '../headers/cloud-event.js';
import { parseHeaderLines } from '../headers/header-lines.js';
import { encryptedPropertiesOf } from '../encryption/encrypted.decorator.js';
import { openFields, ProtectedPlace, sealFields } from '../encryption/field.protection.js';
import { configInvalid, ContractViolationError, MillraceError } from '../errors/millrace.error.js';
import { errorMessage } from '../errors/error-text.js';
import { assertUserHeaders, HeaderMap } from '../headers/header-value.js';
import { randomUuid } from '../headers/random-id.js';
import { childTrace } from '../headers/trace-context.js';
import { eventSubject } from '../subjects/event-subject.js';
import { isUnicodeText } from '../subjects/unicode-text.js';
import { isProtected, toValidInstance } from './contract.validator.js';
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

/** {@link EncodedEvent} with its headers as lines of text: what becomes bytes as it is. */
export interface EventText extends Omit<EncodedEvent, 'headers'> {
  headerLines: string;
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
  ports: EventEncoderPorts,
): EncodedEvent => {
  const { headerLines, ...encoded } = encodeEventText(contract, event, options, ports);
  return { ...encoded, headers: parseHeaderLines(headerLines) };
};

/** {@link encodeEvent} for whoever adds nothing to the headers but lines. */
export const encodeEventText = (
  contract: EventContract,
  event: object,
  options: EncodeOptions,
  { source, codec, clock }: EventEncoderPorts,
): EventText => {
  if (options.headers) assertUserHeaders(options.headers);
  const key = options.key ?? eventKeyOf(contract, event);
  assertKeyUnprotected(contract);
  const messageId = options.messageId === undefined ? randomUuid() : assertMessageId(options.messageId);
  const traceparent = childTrace(options.headers?.['traceparent'] ?? options.parentTrace);
  const own = { id: messageId, key, timeMs: clock.now(), traceparent };
  return {
    subject: eventSubject(contract.name, key),
    payload: encodeBody(contract, { event, key }, codec),
    headerLines: eventHeaderLines(commonLinesOf(contract, source, codec), own, options.headers),
    messageId,
    key,
  };
};

interface CommonLines {
  readonly source: string;
  readonly contentType: string;
  readonly lines: string;
}

const commonLines = new WeakMap<EventContract, CommonLines>();

// Of one contract they change only where one process holds several connections.
const commonLinesOf = (contract: EventContract, source: string, { contentType }: Codec): string => {
  const known = commonLines.get(contract);
  if (known && known.source === source && known.contentType === contentType) return known.lines;
  const { type, version } = contract;
  const lines = commonHeaderLines({ source, type, version, contentType });
  commonLines.set(contract, { source, contentType, lines });
  return lines;
};

/**
 * An event's data as it was received, its protected properties opened.
 * @throws MillraceError `KEY_UNKNOWN`, `EVENT_UNREADABLE`, `CONFIG_INVALID` where the connection has no keys.
 */
export const openEvent = (contract: EventContract, { decoded, key, codec }: ReceivedData): unknown =>
  typeof decoded === 'object' && decoded !== null
    ? openFields(codec, { target: contract.target, value: decoded, place: placeOf(contract, key) })
    : decoded;

export interface ReceivedData {
  decoded: unknown;
  /** The event's key. */
  key: string | undefined;
  codec: Codec;
}

const placeOf = ({ type }: EventContract, key: string | undefined): ProtectedPlace => ({
  kind: 'event',
  name: type,
  key,
});

// The server would not compare an empty id, and two ids that differ in a lone surrogate alone become one on the wire.
const assertMessageId = (id: string): string => {
  if (id !== '' && isUnicodeText(id)) return id;
  throw configInvalid(
    `The message id ${JSON.stringify(id.slice(0, 64))} is ${id === '' ? 'empty' : 'not Unicode text'}`,
    'Give an id of its own to every event, or none',
  );
};

// The key is in the subject, for everybody to see.
const assertKeyUnprotected = ({ type, key, target }: EventContract): void => {
  if (key === undefined || !encryptedPropertiesOf(target).includes(key)) return;
  throw configInvalid(
    `${type}: its key '${key}' is under @Encrypted, but the key is a part of the subject`,
    'Use another property as the key',
  );
};

interface KeyedEvent {
  event: object;
  key: string | undefined;
}

const encodeBody = (contract: EventContract, { event, key }: KeyedEvent, codec: Codec): Uint8Array => {
  try {
    return codec.encode(
      sealFields(codec, { target: contract.target, value: event, place: placeOf(contract, key) }),
    );
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const reason = isProtected(contract.target) ? '' : ` (${errorMessage(error)})`;
    const message = `cannot be written as ${codec.contentType}${reason}`;
    throw new ContractViolationError(ErrorCode.EventInvalid, contract.type, [
      { path: '', constraint: 'isEncodable', message },
    ]);
  }
};
