import { type DynamicModule, Module } from '@nestjs/common';
import { type EventMessage, EventsModule, type Middleware } from '@millrace/events';
import { until } from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { type OrderConfig } from './order.config.js';
import { Shop } from './order.fixture.js';

// As though every acknowledgement of a first delivery were lost.
const handledTwice = new Set<string>();
const losingAcks: Middleware<EventMessage> = (next) => async (message) => {
  const outcome = await next(message);
  if (outcome.kind !== 'ack') return outcome;
  if (message.attempt === 1)
    return { kind: 'retry', delayMs: 0, cause: new Error('the acknowledgement was lost') };
  handledTwice.add(`${message.group} ${message.type}`);
  return outcome;
};

@Module({})
class LosingAcksModule {
  static forRoot(config: OrderConfig): DynamicModule {
    const plugin = EventsModule.forFeature({ middleware: [losingAcks] });
    return { module: LosingAcksModule, imports: [AppModule.forRoot(config), plugin] };
  }
}

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open({}, LosingAcksModule);
}, 60_000);
afterAll(() => shop?.close());

const repeated = (events: readonly { type: string; body: Record<string, unknown> }[]): string[] => {
  const names = events.map(({ type, body }) => `${type} ${JSON.stringify(body['changes'] ?? '')}`);
  return names.filter((name, at) => names.indexOf(name) !== at);
};

describe('a life in which every event is delivered twice', () => {
  it('has every step, and every event, once', async () => {
    await shop.app.request('PUT', '/stock/MUG-01', { available: 10 });
    await shop.shipped('twice', { lines: [{ sku: 'MUG-01', quantity: 3, unitPriceCents: 100 }] });
    await shop.do('twice', 'receive', { signedBy: 'Ada' });
    await shop.do('twice', 'return', { reason: 'It does not fit' });
    await shop.do('twice', 'returned');
    await shop.until('twice', 'refunded');
    for (const [group, context] of [
      ['order-fulfilment', 'payment'],
      ['order-fulfilment', 'stock'],
      ['order-fulfilment', 'shipment'],
      ['order-payments', 'payment'],
      ['order-stock', 'stock'],
      ['order-shipments', 'shipment'],
      ['order-lists', 'order'],
    ] as const)
      await shop.settled(group, context);
    for (const what of [
      'order-fulfilment payment.succeeded',
      'order-fulfilment stock.reserved',
      'order-fulfilment shipment.booked',
      'order-fulfilment stock.released',
      'order-fulfilment payment.refunded',
      'order-payments payment.requested',
      'order-payments payment.refund-requested',
      'order-stock stock.requested',
      'order-stock stock.release-requested',
      'order-shipments shipment.requested',
      'order-lists order.created',
    ])
      expect([...handledTwice]).toContain(what);
    for (const context of ['order', 'payment', 'stock', 'shipment'])
      expect(repeated(await shop.events('twice', context))).toEqual([]);
    const { history, status } = await shop.order('twice');
    expect(status).toBe('refunded');
    const names = history.map(({ event, status: reached }) => `${event} ${reached}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at && !name.startsWith('reminder.'))).toEqual(
      [],
    );
    const { body } = await shop.app.request('GET', '/stock/MUG-01');
    expect(body).toMatchObject({ available: 10 });
    expect((await shop.list('userId=ada')).items).toHaveLength(1);
    await until('it is among all once', async () => (await shop.list('')).items.length === 1);
  }, 60_000);
});
