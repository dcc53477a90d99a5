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

const DOTS_WITHOUT_DOMAIN = 8;

/**
 * Reads the reply subject of a delivered message (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanos>.<pending>`, or the same with
 * `<domain>.<account hash>` before the stream.
 * @throws TypeError for a message that no consumer delivered.
 */
export const parseDeliveryToken = (reply: string): DeliveryToken => {
  const count = findDots(reply);
  if (!reply.startsWith('$JS.ACK.') || count < DOTS_WITHOUT_DOMAIN) {
    throw new TypeError(`Not a JetStream delivery: reply '${reply}'`);
  }
  const at = count === DOTS_WITHOUT_DOMAIN ? 2 : 4;
  return {
    stream: tokenOf(reply, at),
    consumer: tokenOf(reply, at + 1),
    attempt: Number(tokenOf(reply, at + 2)),
    sequence: Number(tokenOf(reply, at + 3)),
    deliverySequence: Number(tokenOf(reply, at + 4)),
    // Nanoseconds are past the safe integers; milliseconds are what a Date holds.
    storedAtMs: Number(tokenOf(reply, at + 5).slice(0, -6)),
  };
};

/** Where the dots of the reply are that is being read. One array for all: half of its tokens are never asked for. */
const dots = new Uint16Array(16);

const findDots = (reply: string): number => {
  let count = 0;
  for (let at = reply.indexOf('.'); at >= 0 && count < dots.length; at = reply.indexOf('.', at + 1)) {
    dots[count++] = at;
  }
  return count;
};

/** The token behind the dot of that number, from 1 on; the next dot ends it. */
const tokenOf = (reply: string, number: number): string =>
  reply.slice((dots[number - 1] ?? 0) + 1, dots[number]);

let latest: { readonly message: Msg; readonly token: DeliveryToken } | undefined;

/**
 * {@link parseDeliveryToken} of a message. The latest is remembered: whoever takes a message in hand asks several
 * times in a row.
 */
export const deliveryTokenOf = (message: Msg): DeliveryToken => {
  if (latest?.message !== message) latest = { message, token: parseDeliveryToken(message.reply ?? '') };
  return latest.token;
};
