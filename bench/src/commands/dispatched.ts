import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandsModule, HandleCommand } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { Contender, inParallel } from '../contender.js';
import { Double, double, Doubled } from './commands.contract.js';
import { doubled } from './doubling.js';
import { DISPATCHERS, HANDLERS } from './tasks.js';

export const dispatched = async (url: string): Promise<Contender> => {
  @Injectable()
  class Doubling {
    @HandleCommand(Double, { durable: { concurrency: HANDLERS } })
    double(command: Double): Doubled {
      return doubled(command);
    }
  }
  @Module({
    imports: [NatsModule.forRoot({ name: 'tasks', servers: url }), CommandsModule.forRoot()],
    providers: [Doubling],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error'] });
  const bus = app.get(CommandBus);
  return {
    name: 'Millrace (dispatch + result)',
    run: (count) =>
      inParallel(DISPATCHERS, count, async (n) => {
        const task = await bus.dispatch(double(n));
        await task.result({ timeout: '60s' });
      }),
    close: () => app.close(),
  };
};
