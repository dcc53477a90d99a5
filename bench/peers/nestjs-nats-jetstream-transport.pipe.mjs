import 'reflect-metadata';
import {
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
} from '@nestjs-plugins/nestjs-nats-jetstream-transport';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { inParallel } from '../dist/contender.js';
import { controllerOf, moduleOf } from './decorated.mjs';
import { builtOn, versionOf } from './versions.mjs';

/** Dearer at 1024: both publish by `js.publish`, as the plain client does. */
const IN_FLIGHT = 256;
const logger = ['error', 'warn'];

/**
 * `@nestjs-plugins/nestjs-nats-jetstream-transport` as its README has it: a push consumer, whose handler
 * acknowledges by itself.
 *
 * @type {import('../dist/events/pipe.js').OpenPipe}
 */
export const nestjsNatsJetstreamTransport = async (url, workload) => {
  const stream = `transport-${workload.kind}`;
  const pattern = `${stream}.paid`;
  const connection = { servers: url, noAsyncTraces: true };
  const publisher = await NestFactory.createApplicationContext(
    moduleOf({
      imports: [
        NatsJetStreamTransport.register({
          connectionOptions: { ...connection, name: `${stream}-publisher` },
        }),
      ],
    }),
    { logger },
  );
  const client = publisher.get(NatsJetStreamClientProxy, { strict: false });
  await client.connect();
  const send = (n) => lastValueFrom(client.emit(pattern, workload.eventOf(n)));
  return {
    name: `nestjs-nats-jetstream-transport ${versionOf('@nestjs-plugins/nestjs-nats-jetstream-transport')} (durable, ${builtOn})`,
    publish: (first, count) => inParallel(IN_FLIGHT, count, (n) => send(first + n)),
    send,
    handle: async (onEvent) => {
      const controller = controllerOf(pattern, [Payload(), Ctx()], (event, context) => {
        onEvent(event);
        context.message.ack();
      });
      const strategy = new NatsJetStreamServer({
        connectionOptions: { ...connection, name: `${stream}-listener` },
        consumerOptions: {
          deliverGroup: `${stream}-group`,
          durable: `${stream}-durable`,
          deliverTo: `${stream}-messages`,
          manualAck: true,
        },
        streamConfig: { name: stream, subjects: [`${stream}.*`] },
      });
      const app = await NestFactory.createMicroservice(moduleOf({ controllers: [controller] }), {
        strategy,
        logger,
      });
      await app.listen();
      return () => app.close();
    },
    close: async () => {
      await client.close();
      await publisher.close();
    },
  };
};
