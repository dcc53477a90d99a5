import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Counted, STREAM, Way } from './backlog.js';

/** A callback consumer of the stream, acknowledging each. */
export const rawBacklog = async (url: string): Promise<Way> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const jsm = await jetstreamManager(nc);
  return {
    name: 'raw callback consumer (no order)',
    ordered: false,
    begin: async (group, check) => {
      await jsm.consumers.add(STREAM, {
        durable_name: group,
        ack_policy: AckPolicy.Explicit,
        max_ack_pending: 5000,
      });
      const consumer = await jetstream(nc).consumers.get(STREAM, group);
      const messages = await consumer.consume({
        max_messages: 1000,
        callback: (message) => {
          check.note(message.json<Counted>());
          message.ack();
        },
      });
      return async () => {
        await messages.close();
        await jsm.consumers.delete(STREAM, group);
      };
    },
    close: () => nc.close(),
  };
};
