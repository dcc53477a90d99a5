// Answers requests in a process of its own, as another service would: what it costs is not the caller's.
import 'reflect-metadata';
import { Controller, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import { CommandsModule, HandleCommand } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { endWithParent } from '../process/end.with.parent.js';
import { Double, Doubled } from './commands.contract.js';
import type { Answered, Numbered } from './doubling.js';
import { doubled, PATTERN } from './doubling.js';

const raw = async (servers: string): Promise<void> => {
  const nc = await connect({ servers, noAsyncTraces: true });
  nc.subscribe('raw.double', {
    queue: 'bench',
    callback: (error, message) => {
      if (!error) message.respond(JSON.stringify(doubled(message.json<Numbered>())));
    },
  });
  await nc.flush();
};

const nest = async (servers: string): Promise<void> => {
  @Controller()
  class Doubling {
    @MessagePattern(PATTERN)
    double(@Payload() command: Numbered): Answered {
      return doubled(command);
    }
  }
  @Module({ controllers: [Doubling] })
  class App {}
  const app = await NestFactory.createMicroservice(App, {
    transport: Transport.NATS,
    options: { servers, queue: 'bench' },
    logger: false,
  });
  await app.listen();
};

const millrace = async (servers: string): Promise<void> => {
  @Injectable()
  class Doubling {
    @HandleCommand(Double)
    double(command: Double): Doubled {
      return doubled(command);
    }
  }
  @Module({
    imports: [NatsModule.forRoot({ name: 'responder', servers }), CommandsModule.forRoot()],
    providers: [Doubling],
  })
  class App {}
  await NestFactory.createApplicationContext(App, { logger: false });
};

const RESPONDERS: Readonly<Record<string, (servers: string) => Promise<void>>> = { raw, nest, millrace };

const [kind = '', servers = ''] = process.argv.slice(2);
endWithParent();
await RESPONDERS[kind]?.(servers);
process.send?.('ready');
