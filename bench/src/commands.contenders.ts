import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import { CommandBus, CommandsModule } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { lastValueFrom } from 'rxjs';
import { double, Doubled, PATTERN } from './commands.contract.js';
import { Contender, inParallel, Sampler } from './contender.js';

const CALLERS = 64;
/** Few enough for no request to wait in line for another. */
const CALM_CALLERS = 4;

/** One way to ask and be answered, and who answers. */
export type Asker = Contender & Sampler;

interface Asking {
  name: string;
  ask: (n: number) => Promise<Doubled>;
  close: () => Promise<void>;
}

const checked = async (n: number, ask: Asking['ask']): Promise<void> => {
  const { doubled } = await ask(n);
  if (doubled !== n * 2) throw new Error(`${n} was doubled to ${doubled}`);
};

const withResponder = async (kind: string, url: string, asking: Asking): Promise<Asker> => {
  const path = fileURLToPath(new URL('./commands.responder.js', import.meta.url));
  const responder = fork(path, [kind, url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(responder, 'message');
  return {
    name: asking.name,
    run: (count) => inParallel(CALLERS, count, (n) => checked(n, asking.ask)),
    sample: async (count) => {
      const samples: number[] = [];
      await inParallel(CALM_CALLERS, count, async (n) => {
        const start = performance.now();
        await checked(n, asking.ask);
        samples.push(performance.now() - start);
      });
      return samples;
    },
    close: async () => {
      await asking.close();
      responder.disconnect();
    },
  };
};

/** The plain client: a subscription, `nc.request`, JSON. Nothing is validated, no deadline travels. */
export const rawRequests = async (url: string): Promise<Asker> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  return withResponder('raw', url, {
    name: 'raw client (nc.request)',
    ask: async (n) => {
      const answer = await nc.request('raw.double', JSON.stringify(double(n)), { timeout: 30_000 });
      return answer.json<Doubled>();
    },
    close: () => nc.close(),
  });
};

/** Nest's own transport. */
export const nestRequests = async (url: string): Promise<Asker> => {
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: url } });
  await client.connect();
  return withResponder('nest', url, {
    name: "Nest's NATS transport (client.send)",
    ask: (n) => lastValueFrom(client.send<Doubled>(PATTERN, double(n))),
    close: async () => {
      await client.close();
    },
  });
};

export const millraceRequests = async (url: string): Promise<Asker> => {
  @Module({
    imports: [NatsModule.forRoot({ name: 'asker', servers: url }), CommandsModule.forRoot()],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  const bus = app.get(CommandBus);
  return withResponder('millrace', url, {
    name: 'Millrace (bus.execute)',
    ask: (n) => bus.execute(double(n)),
    close: () => app.close(),
  });
};
