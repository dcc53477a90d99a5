import 'reflect-metadata';
import { Controller, Module, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  EventPattern,
  MicroserviceOptions,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { inParallel } from '../contender.js';
import { Arrivals } from './arrivals.js';
import { OnEvent, OpenPipe } from './pipe.js';

const IN_FLIGHT = 1024;
const PATTERN = 'nest.order.paid';

const controllerOf = (onEvent: OnEvent): Type => {
  @Controller()
  class Handling {
    @EventPattern(PATTERN)
    on(@Payload() event: unknown): void {
      onEvent(event);
    }
  }
  return Handling;
};

/** Nest's own NATS transport. It is core NATS: nothing is stored, and what nobody listens to is gone. */
export const nest: OpenPipe = async (url, workload) => {
  const options = { servers: [url], noAsyncTraces: true };
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options });
  await client.connect();
  const arrivals = new Arrivals();
  const send = async (n: number): Promise<void> => {
    const arrived = arrivals.of(n);
    await lastValueFrom(client.emit(PATTERN, workload.eventOf(n)), { defaultValue: undefined });
    await arrived;
  };
  return {
    name: "Nest's NATS transport (core, not durable)",
    publish: (first, count) => inParallel(IN_FLIGHT, count, (n) => send(first + n)),
    send,
    handle: async (onEvent) => {
      @Module({
        controllers: [
          controllerOf((event) => {
            onEvent(event);
            arrivals.handled(event);
          }),
        ],
      })
      class App {}
      const app = await NestFactory.createMicroservice<MicroserviceOptions>(App, {
        transport: Transport.NATS,
        options,
        logger: ['error', 'warn'],
      });
      await app.listen();
      return () => app.close();
    },
    close: async () => void (await client.close()),
  };
};
