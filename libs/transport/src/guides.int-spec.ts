import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxy, ClientsModule, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { MillraceClient } from './millrace.client.js';
import { MillraceStrategy } from './millrace.strategy.js';
import { until } from './transport.fixture.js';
import { MillraceRecordBuilder } from './transport.record.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

// The application of both guides: one service, which its own client emits to and asks.
it('runs a hybrid application whose client is injected by name', async () => {
  const created: unknown[] = [];

  @Controller()
  class Users {
    @EventPattern('user.created')
    onCreated(@Payload() user: unknown): void {
      created.push(user);
    }

    @MessagePattern('user.get')
    get(@Payload() { id }: { id: number }): object {
      return { id, name: 'Ada' };
    }
  }

  @Injectable()
  class Signup {
    constructor(@Inject('users') private readonly users: ClientProxy) {}

    async run(): Promise<object> {
      const record = new MillraceRecordBuilder({ id: 1 }).setHeader('x-tenant', 'eu').build();
      await firstValueFrom(this.users.emit('user.created', record));
      return firstValueFrom(this.users.send<object>('user.get', { id: 1 }));
    }
  }

  const servers = server.url;
  @Module({
    imports: [
      ClientsModule.register([
        { name: 'users', customClass: MillraceClient, options: { name: 'signup', servers } },
      ]),
    ],
    controllers: [Users],
    providers: [Signup],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false });
  app.connectMicroservice({ strategy: new MillraceStrategy({ name: 'users', servers }) });
  await app.startAllMicroservices();
  await app.init();
  try {
    expect(await app.get(Signup).run()).toEqual({ id: 1, name: 'Ada' });
    await until('it is handled', () => created.length === 1);
    expect(created).toEqual([{ id: 1 }]);
  } finally {
    await app.close();
  }
});
