import { Msg } from '@nats-io/transport-node';

const encoder = new TextEncoder();
const ACKNOWLEDGE = encoder.encode('+ACK');
const IN_PROGRESS = encoder.encode('+WPI');

/** The answers to a delivery (ADR-15). Each is one message without a reply: a lost one means redelivery. */
export const acknowledge = (message: Msg): void => {
  message.respond(ACKNOWLEDGE);
};

/** Hands the message back: it is delivered again after `delayMs`. */
export const handBack = (message: Msg, delayMs: number): void => {
  // A plain nak comes back at once and ignores every back-off; even zero is said explicitly.
  message.respond(encoder.encode(`-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1e6) })}`));
};

/** Starts the message's `ackWait` anew. */
export const reportProgress = (message: Msg): void => {
  message.respond(IN_PROGRESS);
};
