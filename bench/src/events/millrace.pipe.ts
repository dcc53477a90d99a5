import 'reflect-metadata';
import { Injectable, Module, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule, Subscribe } from '@millrace/events';
import { inParallel } from '../contender.js';
import { OnEvent, OpenPipe } from './pipe.js';
import { CONTRACTS } from './events.contract.js';
import { Identified } from './workload.js';

const IN_FLIGHT = 1024;

const openApp = async (url: string, name: string, providers: Type[]) => {
  @Module({
    imports: [NatsModule.forRoot({ name, servers: url }), EventsModule.forRoot()],
    providers,
  })
  class App {}
  return NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
};

const subscriberOf = (target: Type<Identified>, onEvent: OnEvent): Type => {
  @Injectable()
  class Handling {
    @Subscribe(target, { group: `bench-${target.name}` })
    on(event: object): void {
      onEvent(event);
    }
  }
  return Handling;
};

const named =
  (name: string): OpenPipe =>
  async (url, workload) => {
    const app = await openApp(url, 'publisher', []);
    const bus = app.get(EventBus);
    const target: Type<Identified> = CONTRACTS[workload.kind];
    const send = (n: number): Promise<unknown> =>
      bus.publish(Object.assign(new target(), workload.eventOf(n)));
    return {
      name,
      publish: (first, count) => inParallel(IN_FLIGHT, count, (n) => send(first + n)),
      send,
      handle: async (onEvent) => {
        const handling = await openApp(url, `handler-of-${target.name}`, [subscriberOf(target, onEvent)]);
        return () => handling.close();
      },
      close: () => app.close(),
    };
  };

/** Millrace as its users have it: a contract class, a handler under `@Subscribe`, defaults. */
export const millrace = named('Millrace (validated on both sides)');
export const unchecked = named('Millrace (a class without rules)');
