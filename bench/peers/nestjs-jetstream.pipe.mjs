import 'reflect-metadata';
import {
  getJetStreamTransportToken,
  JetstreamClientModule,
  JetstreamServerModule,
} from '@horizon-republic/nestjs-jetstream';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { inParallel } from '../dist/contender.js';
import { Arrivals } from '../dist/events/arrivals.js';
import { controllerOf, moduleOf } from './decorated.mjs';
import { builtOn, versionOf } from './versions.mjs';

/** Dearer at 1024: both publish by `js.publish`, as the plain client does. */
const IN_FLIGHT = 256;
const PATTERN = 'order.paid';
const logger = ['error', 'warn'];

/**
 * `@horizon-republic/nestjs-jetstream` as its README has it. Its `emit` publishes to JetStream and does not await
 * that the event is stored; it acknowledges an event before it calls the handler.
 *
 * @type {import('../dist/events/pipe.js').OpenPipe}
 */
export const nestjsJetstream = async (url, workload) => {
  const options = { name: `bench_${workload.kind}`, servers: [url] };
  const publisher = await NestFactory.createApplicationContext(
    moduleOf({ imports: [JetstreamClientModule.forFeature(options)] }),
    { logger },
  );
  const client = publisher.get(options.name, { strict: false });
  await client.connect();
  const arrivals = new Arrivals();
  const send = async (n) => {
    const arrived = arrivals.of(n);
    await lastValueFrom(client.emit(PATTERN, workload.eventOf(n)), { defaultValue: undefined });
    await arrived;
  };
  return {
    name: `nestjs-jetstream ${versionOf('@horizon-republic/nestjs-jetstream')} (durable, ${builtOn}, ack not awaited)`,
    publish: (first, count) => inParallel(IN_FLIGHT, count, (n) => send(first + n)),
    send,
    handle: async (onEvent) => {
      const controller = controllerOf(PATTERN, [Payload()], (event) => {
        onEvent(event);
        arrivals.handled(event);
      });
      const app = await NestFactory.create(
        moduleOf({ imports: [JetstreamServerModule.forRoot(options)], controllers: [controller] }),
        { logger },
      );
      app.connectMicroservice(app.get(getJetStreamTransportToken(options.name)), { inheritAppConfig: true });
      await app.startAllMicroservices();
      await app.init();
      return () => app.close();
    },
    close: () => publisher.close(),
  };
};
