// A service with as many subscribers as it is told; tells its parent when it is ready, and how long that took.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsString } from 'class-validator';
import { NatsModule } from '@millrace/core';
import { Event, EventsModule, Subscribe } from '@millrace/events';
import { endWithParent } from '../process/end.with.parent.js';

/** How many of the events belong to one context. */
const PER_CONTEXT = 10;

endWithParent();
const [servers = '', count = '0'] = process.argv.slice(2);

const subscriberOf = (n: number): new () => object => {
  @Event(`start${Math.floor(n / PER_CONTEXT)}.event${n}`, { key: 'id' })
  class Happened {
    @IsString() id!: string;
  }
  class Subscriber {
    @Subscribe(Happened, { group: `group${n}` })
    on(): void {}
  }
  return Subscriber;
};

@Module({
  imports: [NatsModule.forRoot({ name: 'bench', servers }), EventsModule.forRoot()],
  providers: Array.from({ length: Number(count) }, (_, n) => subscriberOf(n)),
})
class Service {}

const before = performance.now();
const app = await NestFactory.createApplicationContext(Service, { logger: ['error', 'warn'] });
// Since the process began, and since it has imported everything.
process.send?.({ processMs: performance.now(), serviceMs: performance.now() - before });
await app.close();
process.disconnect?.();
