import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Contender, inParallel } from '../contender.js';
import { doubled, Numbered, numbered } from './doubling.js';
import { DISPATCHERS, HANDLERS } from './tasks.js';

/** By hand: a work queue, a stream of results, a plain consumer; whoever waits hears of results. */
export const handWritten = async (url: string): Promise<Contender> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const jsm = await jetstreamManager(nc);
  const js = jetstream(nc);
  await jsm.streams.add({ name: 'WORK', subjects: ['work.*'], retention: RetentionPolicy.Workqueue });
  await jsm.streams.add({
    name: 'RESULTS',
    subjects: ['results.*'],
    max_msgs_per_subject: 1,
    republish: { src: 'results.>', dest: 'news.>' },
  });
  await jsm.consumers.add('WORK', { durable_name: 'worker', ack_policy: AckPolicy.Explicit });
  const consumer = await js.consumers.get('WORK', 'worker');
  const messages = await consumer.consume({
    max_messages: HANDLERS,
    callback: (message) => {
      const id = message.subject.slice('work.'.length);
      const body = JSON.stringify(doubled(message.json<Numbered>()));
      void js
        .publish(`results.${id}`, body, { expect: { lastSubjectSequence: 0 } })
        .then(() => message.ack());
    },
  });
  let round = 0;
  return {
    name: 'by hand (work queue + results)',
    run: async (count) => {
      const prefix = `${round++}-`;
      await inParallel(DISPATCHERS, count, async (n) => {
        const id = prefix + String(n);
        const result = new Promise<void>((resolve) => {
          nc.subscribe(`news.${id}`, { max: 1, callback: () => resolve() });
        });
        await js.publish(`work.${id}`, JSON.stringify(numbered(n)), { msgID: id });
        await result;
      });
    },
    close: async () => {
      await messages.close();
      await nc.close();
    },
  };
};
