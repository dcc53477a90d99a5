import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { NatsModule } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { IsInt, IsPositive, IsString } from 'class-validator';
import { Context, Event, EventBus, EventMessage, EventsModule, Subscribe } from './index.js';

@Event('order.paid', { key: 'orderId' })
class OrderPaid {
  @IsString() orderId!: string;
  @IsInt() @IsPositive() amountCents!: number;
  constructor(fields: OrderPaid) {
    Object.assign(this, fields);
  }
}

const got: { event: OrderPaid; message: EventMessage }[] = [];

@Injectable()
class Receipts {
  @Subscribe(OrderPaid, { group: 'receipts' })
  send(event: OrderPaid, @Context() message: EventMessage): void {
    got.push({ event, message });
  }
}

describe('EventsModule', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  it('carries an event from publish to its subscriber', async () => {
    @Module({
      imports: [NatsModule.forRoot({ name: 'shop', servers: server.url }), EventsModule.forRoot()],
      providers: [Receipts],
    })
    class App {}
    const app = (await Test.createTestingModule({ imports: [App] }).compile()).createNestApplication();
    await app.init();
    const bus = app.get(EventBus);
    const result = await bus.publish(new OrderPaid({ orderId: 'a b.c', amountCents: 5 }));
    expect(result).toMatchObject({ stream: 'EVENTS_order', sequence: 1, duplicate: false });
    const t = performance.now();
    await Promise.all(Array.from({ length: 20000 }, (_, i) => bus.publish(new OrderPaid({ orderId: `k${i}`, amountCents: 5 }))));
    console.log('published', 20000 / ((performance.now() - t) / 1000));
    while (got.length < 20001) await new Promise((r) => setTimeout(r, 5));
    console.log('handled', 20000 / ((performance.now() - t) / 1000));
    expect(got[0]!.event).toBeInstanceOf(OrderPaid);
    expect(got[0]!.message.key).toBe('a b.c');
    await app.close();
  }, 60000);
});
