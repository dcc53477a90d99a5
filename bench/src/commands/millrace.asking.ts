import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandsModule } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { Asking } from './asking.js';
import { double } from './commands.contract.js';

export const millraceAsking = async (url: string): Promise<Asking> => {
  @Module({
    imports: [NatsModule.forRoot({ name: 'asker', servers: url }), CommandsModule.forRoot()],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  const bus = app.get(CommandBus);
  return {
    name: 'Millrace (bus.execute)',
    responder: 'millrace',
    ask: (n) => bus.execute(double(n)),
    close: () => app.close(),
  };
};
