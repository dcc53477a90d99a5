import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule, Subscribe } from '@millrace/events';
import { Contender, inParallel } from './contender.js';
import { OrderPaid, orderPaid } from './events.contract.js';

const WINDOW = 1024;

@Injectable()
class Counter {
  private left = 0;
  private finish: () => void = () => undefined;

  @Subscribe(OrderPaid, { group: 'bench' })
  on(event: OrderPaid): void {
    if (typeof event === 'object' && --this.left === 0) this.finish();
  }

  next(count: number): Promise<void> {
    this.left = count;
    return new Promise((resolve) => (this.finish = resolve));
  }
}

/** Millrace as its users have it: a contract class that is validated on both sides, a decorated handler, defaults. */
export const millrace = async (url: string): Promise<Contender> => {
  @Module({
    imports: [NatsModule.forRoot({ name: 'bench', servers: url }), EventsModule.forRoot()],
    providers: [Counter],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  const bus = app.get(EventBus);
  const counter = app.get(Counter);
  return {
    name: 'Millrace (validated on both sides)',
    run: async (count) => {
      const handled = counter.next(count);
      await inParallel(WINDOW, count, (n) => bus.publish(orderPaid(n)));
      await handled;
    },
    close: () => app.close(),
  };
};
