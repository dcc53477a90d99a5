import { Msg } from '@nats-io/transport-node';

export interface DeliveryToken {
  stream: string;
  consumer: string;
  attempt: number;
  sequence: number;
  /** Counts what the consumer has delivered, redeliveries included. */
  deliverySequence: number;
  storedAtMs: number;
}

const TOKENS_WITHOUT_DOMAIN = 9;

/**
 * Reads the reply subject of a delivered message (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanos>.<pending>`, or the same with
 * `<domain>.<account hash>` before the stream.
 * @throws TypeError for a message that no consumer delivered.
 */
export const parseDeliveryToken = (reply: string): DeliveryToken => {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < TOKENS_WITHOUT_DOMAIN) {
    throw new TypeError(`Not a JetStream delivery: reply '${reply}'`);
  }
  const at = tokens.length === TOKENS_WITHOUT_DOMAIN ? 2 : 4;
  return {
    stream: tokens[at] ?? '',
    consumer: tokens[at + 1] ?? '',
    attempt: Number(tokens[at + 2]),
    sequence: Number(tokens[at + 3]),
    deliverySequence: Number(tokens[at + 4]),
    // Nanoseconds are past the safe integers; milliseconds are what a Date holds.
    storedAtMs: Number((tokens[at + 5] ?? '0').slice(0, -6)),
  };
};

let latest: { readonly message: Msg; readonly token: DeliveryToken } | undefined;

/**
 * {@link parseDeliveryToken} of a message. The latest is remembered: whoever takes a message in hand asks several
 * times in a row.
 */
export const deliveryTokenOf = (message: Msg): DeliveryToken => {
  if (latest?.message !== message) latest = { message, token: parseDeliveryToken(message.reply ?? '') };
  return latest.token;
};
