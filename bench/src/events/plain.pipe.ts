import { inParallel } from '../contender.js';
import { OpenPipe } from './pipe.js';
import { CONSUMER, openRawStream } from './raw.stream.js';

const IN_FLIGHT = 256;

/** What a good user of the client writes: `js.publish` with 256 in flight, and the `consume()` iterator. */
export const plain: OpenPipe = async (url, workload) => {
  const stream = await openRawStream(url, `PLAIN${workload.name.replace(/\W/g, '')}`);
  const { nc, js, name } = stream;
  const send = (n: number): Promise<unknown> =>
    js.publish(stream.subjectOf(n), JSON.stringify(workload.eventOf(n)));
  return {
    name: 'plain client (js.publish + consume)',
    publish: (first, count) => inParallel(IN_FLIGHT, count, (n) => send(first + n)),
    send,
    handle: async (onEvent) => {
      const messages = await (await js.consumers.get(name, CONSUMER)).consume();
      const reading = (async () => {
        for await (const message of messages) {
          onEvent(message.json());
          message.ack();
        }
      })();
      return async () => {
        await messages.close();
        await reading;
      };
    },
    close: () => nc.close(),
  };
};
