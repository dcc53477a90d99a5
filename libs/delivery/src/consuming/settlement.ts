import { Msg, NatsConnection } from '@nats-io/transport-node';
import { ErrorCode, MillraceError } from '@millrace/core';

const encoder = new TextEncoder();
/** The answer to a delivery that is done (ADR-15). */
export const ACKNOWLEDGE: Uint8Array = encoder.encode('+ACK');
const IN_PROGRESS = encoder.encode('+WPI');

/** The answers to a delivery (ADR-15). Each is one message without a reply: a lost one means redelivery. */
export const acknowledge = (message: Msg): void => {
  message.respond(ACKNOWLEDGE);
};

// In nanoseconds still a number that JSON writes without an exponent, and that fits the server's 64 bits.
const LONGEST_DELAY_MS = 365 * 24 * 3600 * 1000;

/** The answer that hands a message back: it is delivered again after `delayMs`, a year at most. */
export const handBackAfter = (delayMs: number): Uint8Array => {
  const delay = Math.round(Math.min(delayMs, LONGEST_DELAY_MS) * 1e6);
  // A plain nak comes back at once and ignores every back-off; even zero is said explicitly.
  return encoder.encode(`-NAK ${JSON.stringify({ delay })}`);
};

/** Hands the message back, as {@link handBackAfter} says. */
export const handBack = (message: Msg, delayMs: number): void => {
  message.respond(handBackAfter(delayMs));
};

/** Starts the message's `ackWait` anew. */
export const reportProgress = (message: Msg): void => {
  message.respond(IN_PROGRESS);
};

const CONFIRM_TIMEOUT_MS = 5000;

/** Acknowledges, and resolves when the server has taken note. @throws MillraceError `ACK_UNCONFIRMED` */
export const acknowledgeConfirmed = async (nc: NatsConnection, message: Msg): Promise<void> => {
  try {
    await nc.request(message.reply ?? '', ACKNOWLEDGE, { timeout: CONFIRM_TIMEOUT_MS });
  } catch (cause) {
    throw new MillraceError(ErrorCode.AckUnconfirmed, 'The server did not confirm the acknowledgement', {
      remedy: 'Expect the message once more, unless it was acknowledged all the same',
      details: { subject: message.subject },
      cause,
    });
  }
};
