import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsInt } from 'class-validator';
import { NatsModule } from '@millrace/core';
import { Event, EventsModule, Subscribe } from '@millrace/events';
import { LocksModule } from '@millrace/locks';
import { ScheduleModule, Schedules } from '@millrace/schedule';
import { OpenTimekeeper } from './work.js';

@Event('bench.scheduled', { key: 'n' })
class Scheduled {
  @IsInt() n!: number;

  constructor(n: number) {
    this.n = n;
  }
}

/** A schedule for each, kept by the process itself, whose event a subscriber handles. */
export const millraceSchedules: OpenTimekeeper = async (servers, onDue) => {
  @Injectable()
  class Subscriber {
    @Subscribe(Scheduled, { group: 'bench-scheduled' })
    on({ n }: Scheduled): void {
      onDue(n);
    }
  }
  @Module({
    imports: [
      NatsModule.forRoot({ name: 'bench', servers, publish: { deadline: '60s' } }),
      EventsModule.forRoot(),
      LocksModule.forRoot({ events: false }),
      ScheduleModule.forRoot(),
    ],
    providers: [Subscriber],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  const schedules = app.get(Schedules);
  return {
    make: (n, at) =>
      schedules.create(`piece ${n}`, { spec: { at: new Date(at) }, event: () => new Scheduled(n) }),
    close: () => app.close(),
  };
};
