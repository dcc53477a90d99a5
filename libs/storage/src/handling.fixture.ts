import { headers as createHeaders, Msg } from '@nats-io/transport-node';
import { Delivery, OwnershipFence, withCurrentMessage } from '@millrace/delivery';

export interface HandledMessage {
  /** `ce-id`; a message of a bare client has none. */
  id?: string;
  traceparent?: string;
  group?: string;
  stream?: string;
  sequence?: number;
  attempt?: number;
  /** Of a message that only its partition's owner may handle. */
  fence?: OwnershipFence;
}

/** A delivery as the engine makes it. */
export const deliveryOf = ({
  id,
  traceparent,
  group = 'counting',
  stream = 'EVENTS_test',
  sequence = 1,
  attempt = 1,
  fence,
}: HandledMessage): Delivery => {
  const headers = createHeaders();
  if (id !== undefined) headers.set('ce-id', id);
  if (traceparent !== undefined) headers.set('traceparent', traceparent);
  const message: Partial<Msg> = {
    subject: 'events.test.happened._',
    reply: `$JS.ACK.${stream}.${group}.${attempt}.${sequence}.${sequence}.1760000000000000000.0`,
    data: new Uint8Array(),
    headers,
  };
  return new Delivery(message as Msg, group, { extend: () => undefined }, { fence });
};

/** Runs `task` as the handling of a message. */
export const handling = <R>(message: HandledMessage, task: () => Promise<R>): Promise<R> =>
  withCurrentMessage(deliveryOf(message), task);
