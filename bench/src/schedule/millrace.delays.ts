import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsInt } from 'class-validator';
import { NatsModule } from '@millrace/core';
import { Event, EventBus, EventsModule, Subscribe } from '@millrace/events';
import { OpenTimekeeper } from './work.js';

@Event('bench.due', { key: 'n' })
class Due {
  @IsInt() n!: number;
}

/** Events that wait in the server until they are due, and a subscriber. */
export const millraceDelays: OpenTimekeeper = async (servers, onDue) => {
  @Injectable()
  class Subscriber {
    @Subscribe(Due, { group: 'bench' })
    on({ n }: Due): void {
      onDue(n);
    }
  }
  @Module({
    imports: [
      NatsModule.forRoot({ name: 'bench', servers, publish: { deadline: '60s' } }),
      EventsModule.forRoot(),
    ],
    providers: [Subscriber],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  const bus = app.get(EventBus);
  return {
    make: (n, at) => bus.publish(Due, { n }, { at: new Date(at) }),
    close: () => app.close(),
  };
};
