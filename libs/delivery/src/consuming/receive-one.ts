import { MillraceConnection } from '@millrace/core';
import { Msg } from '@nats-io/transport-node';
import { PullSession } from './pull-session.js';
import { handBack } from './settlement.js';

export interface ReceiveOptions {
  stream: string;
  consumer: string;
  timeoutMs: number;
}

/** The next message of a consumer; `undefined` where none comes in time, or the consumer is gone. */
export const receiveOne = async (
  connection: MillraceConnection,
  { stream, consumer, timeoutMs }: ReceiveOptions,
): Promise<Msg | undefined> => {
  let resolve: (message: Msg | undefined) => void = () => undefined;
  const next = new Promise<Msg | undefined>((settle) => (resolve = settle));
  let answered = false;
  const session = new PullSession({
    nc: connection.nc,
    stream,
    consumer,
    clock: connection.clock,
    inboxPrefix: connection.inboxPrefix,
    // One that arrives after the time is up goes back at once, not when its lease ends.
    onMessage: (message) => {
      if (answered) return handBack(message, 0);
      answered = true;
      resolve(message);
    },
    onDemand: () => session.request(1),
    onEnd: () => resolve(undefined),
  });
  session.request(1);
  const timer = connection.clock.after(timeoutMs, () => resolve(undefined));
  const message = await next;
  answered = true;
  timer.cancel();
  await session.drain();
  return message;
};
