import {
  Codec,
  errorMessage,
  ErrorCode,
  EventContract,
  isProtected,
  MillraceError,
  openEvent,
  toError,
  validateEvent,
} from '@millrace/core';
import { Handler, Middleware, Outcome } from '@millrace/delivery';
import { EventMessage } from './event.message.js';

/** The contract an event is to be read with; `undefined` for one that no class of this process describes. */
export type ContractResolver = (message: EventMessage) => EventContract | undefined;

/**
 * Decodes and validates the event. One that cannot be read, or breaks its contract, goes to the dead letters
 * at once: no retry makes it right.
 */
export const decode =
  (codec: Codec, resolve: ContractResolver): Middleware<EventMessage> =>
  (next) =>
  (message) => {
    let event: unknown;
    try {
      event = read(message, codec, resolve(message));
    } catch (error) {
      return unreadable(error);
    }
    if (event instanceof Promise) return event.then((valid) => handOn(next, message, valid), unreadable);
    return handOn(next, message, event);
  };

const read = (message: EventMessage, codec: Codec, contract: EventContract | undefined): unknown => {
  const decoded = decodeBody(codec, message);
  if (!contract) return decoded;
  // The key is asked for only where it is needed: it is the dearest thing to know of a message.
  const plain = isProtected(contract.target)
    ? openEvent(contract, { decoded, key: message.key, codec })
    : decoded;
  return validateEvent(contract, plain);
};

const handOn = (
  next: Handler<EventMessage>,
  message: EventMessage,
  event: unknown,
): ReturnType<Handler<EventMessage>> => {
  message.accept(event);
  return next(message);
};

const unreadable = (error: unknown): Outcome => ({ kind: 'dead-letter', cause: toError(error) });

/** @throws MillraceError `EVENT_UNREADABLE` */
export const decodeBody = (codec: Codec, message: Pick<EventMessage, 'body' | 'subject'>): unknown => {
  try {
    return codec.decode(message.body);
  } catch (cause) {
    throw new MillraceError(
      ErrorCode.EventUnreadable,
      `The body is not ${codec.contentType}: ${errorMessage(cause)}`,
      {
        remedy: 'Publish the event again with a body that can be read',
        details: { subject: message.subject, bytes: message.body.length },
        cause,
      },
    );
  }
};

/** The contract of a message among the classes that a subscriber asked for. */
export const resolveAmong = (contracts: readonly EventContract[]): ContractResolver => {
  const byType = new Map<string, EventContract[]>();
  for (const contract of contracts) {
    byType.set(
      contract.type,
      [...(byType.get(contract.type) ?? []), contract].sort((a, b) => b.version - a.version),
    );
  }
  return (message) => {
    const candidates = byType.get(message.type) ?? [];
    const { version } = message;
    // A publisher that does not say its version (a bare client) is held to the newest.
    const found =
      version === undefined ? candidates[0] : candidates.find((contract) => contract.version === version);
    if (found) return found;
    throw new MillraceError(
      ErrorCode.EventVersionUnknown,
      `${message.type} arrived in version ${version}, which this subscriber has no class for`,
      {
        remedy: 'Subscribe to the class of that version as well, then replay the dead letter',
        details: { type: message.type, version, known: candidates.map((contract) => contract.version) },
      },
    );
  };
};
