import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';

export interface OpenBus {
  readonly bus: EventBus;
  readonly close: () => Promise<void>;
}

/** The bus of an application that has nothing else. */
export const openBus = async (url: string): Promise<OpenBus> => {
  @Module({ imports: [NatsModule.forRoot({ name: 'bench', servers: url }), EventsModule.forRoot()] })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  return { bus: app.get(EventBus), close: () => app.close() };
};

/** Does something with a bus that is closed afterwards. */
export const withBus = async (url: string, work: (bus: EventBus) => Promise<void>): Promise<void> => {
  const { bus, close } = await openBus(url);
  try {
    await work(bus);
  } finally {
    await close();
  }
};
