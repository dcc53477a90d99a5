import { type DynamicModule, Module } from '@nestjs/common';
import { ReminderDue, type ReminderKind } from '@millrace/contracts';
import { type EventMessage, EventsModule, type Middleware } from '@millrace/events';
import { until } from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { type OrderConfig } from './order.config.js';
import { Shop } from './order.fixture.js';
import { REFUSED_CENTS } from './payments/payment.simulator.js';
import { REFUSED_SKU } from './shipments/shipment.simulator.js';

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

const line = (sku: string, quantity = 1, unitPriceCents = 100): object => ({ sku, quantity, unitPriceCents });
const confirm = (id: string, ...lines: object[]): Promise<unknown> =>
  shop.create({ userId: 'ada', id, lines, confirm: true });
const count = (sku: string, available: number): Promise<unknown> =>
  shop.app.request('PUT', `/stock/${sku}`, { available });
const left = async (sku: string): Promise<unknown> => (await shop.app.request('GET', `/stock/${sku}`)).body;

/** Waits until nobody has anything left that was delivered once. */
const settled = async (): Promise<void> => {
  for (const [group, context] of [
    ['order-users', 'user'],
    ['order-payments', 'payment'],
    ['order-fulfilment', 'payment'],
    ['order-stock', 'stock'],
    ['order-fulfilment', 'stock'],
    ['order-shipments', 'shipment'],
    ['order-fulfilment', 'shipment'],
    ['order-fulfilment', 'reminder'],
    ['order-lists', 'order'],
  ] as const)
    await shop.settled(group, context);
};

const twice = (names: readonly string[]): string[] => names.filter((name, at) => names.indexOf(name) !== at);

/** That these events were handled twice, and that an order has every step, and every event, once all the same. */
const expectOnce = async (id: string, ...events: readonly string[]): Promise<void> => {
  await settled();
  expect([...handledTwice]).toEqual(expect.arrayContaining([...events]));
  for (const context of ['order', 'payment', 'stock', 'shipment', 'reminder']) {
    const names = (await shop.events(id, context)).map(
      ({ type, body }) => `${type} ${JSON.stringify(body['changes'] ?? body['kind'] ?? '')}`,
    );
    expect(twice(names)).toEqual([]);
  }
  const { history } = await shop.order(id);
  const steps = history.map(({ event, status }) => `${event} ${status}`);
  expect(twice(steps.filter((step) => !step.startsWith('reminder.')))).toEqual([]);
};

/** As the scheduler tells it. */
const due = async (kind: ReminderKind, orderId: string): Promise<void> => {
  const at = new Date().toISOString();
  const reminderId = `${kind} of ${orderId}`;
  await shop.users.bus.publish(new ReminderDue({ reminderId, kind, orderId, at }));
  await shop.settled('order-fulfilment', 'reminder');
};

describe('where every event is delivered twice', () => {
  beforeEach(() => handledTwice.clear());
  afterEach(() => {
    delete shop.config.PAYMENT_DELAY;
    delete shop.config.SHIPMENT_DELAY;
  });

  it('a whole life has every step, and every event, once', async () => {
    await count('MUG-01', 10);
    await shop.shipped('twice', { lines: [line('MUG-01', 3)] });
    await shop.do('twice', 'receive', { signedBy: 'Ada' });
    await shop.do('twice', 'return', { reason: 'It does not fit' });
    await shop.do('twice', 'returned');
    await shop.until('twice', 'refunded');
    await expectOnce(
      'twice',
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
    );
    expect((await shop.order('twice')).status).toBe('refunded');
    expect(await left('MUG-01')).toMatchObject({ available: 10 });
    expect((await shop.list('userId=ada')).items).toHaveLength(1);
    await until('it is among all once', async () => (await shop.list('')).items.length === 1);
  }, 60_000);

  it('a payment that fails cancels its order once', async () => {
    await confirm('poor', line('MUG-01', 1, REFUSED_CENTS));
    await shop.until('poor', 'cancelled');
    await expectOnce('poor', 'order-fulfilment payment.failed');
    expect(await shop.order('poor')).toMatchObject({ cancelReason: 'payment-failed', payment: 'failed' });
  });

  it('goods that are not there are not taken, and their payment goes back once', async () => {
    await count('RARE', 1);
    await confirm('much', line('RARE', 2));
    await shop.until('much', 'refunded');
    await expectOnce('much', 'order-fulfilment stock.refused');
    expect(await shop.order('much')).toMatchObject({ cancelReason: 'out-of-stock', stock: 'refused' });
    expect(await left('RARE')).toMatchObject({ available: 1 });
  });

  it('a shipment that is refused gives goods and payment back once', async () => {
    await count(REFUSED_SKU, 5);
    await confirm('heavy', line(REFUSED_SKU, 2));
    await shop.until('heavy', 'processing');
    await shop.do('heavy', 'sign', { signedBy: 'Ada' });
    await shop.until('heavy', 'refunded');
    await expectOnce('heavy', 'order-fulfilment shipment.refused');
    expect(await shop.order('heavy')).toMatchObject({ cancelReason: 'shipment-refused' });
    expect(await left(REFUSED_SKU)).toMatchObject({ available: 5 });
  });

  it('a shipment that is called off is called off once', async () => {
    await count('LAMP', 5);
    await confirm('signed', line('LAMP', 2));
    await shop.until('signed', 'processing');
    shop.config.SHIPMENT_DELAY = '1h';
    await shop.do('signed', 'sign', { signedBy: 'Ada' });
    await shop.settled('order-shipments', 'shipment');
    delete shop.config.SHIPMENT_DELAY;
    await shop.do('signed', 'cancel');
    await shop.until('signed', 'refunded');
    await expectOnce(
      'signed',
      'order-shipments shipment.cancel-requested',
      'order-fulfilment shipment.cancelled',
    );
    expect(await left('LAMP')).toMatchObject({ available: 5 });
  });

  it('an order that is not paid in time is cancelled once', async () => {
    shop.config.PAYMENT_DELAY = '1h';
    await confirm('unpaid', line('MUG-01'));
    await due('payment-timeout', 'unpaid');
    await expectOnce('unpaid', 'order-fulfilment reminder.due');
    expect(await shop.order('unpaid')).toMatchObject({
      status: 'cancelled',
      cancelReason: 'payment-timeout',
    });
  });

  it('a customer is reminded once, and an order is completed once', async () => {
    await shop.shipped('kept', { lines: [line('MUG-01')] });
    await due('order-reminder', 'kept');
    await expectOnce('kept', 'order-fulfilment reminder.due');
    handledTwice.clear();
    await shop.do('kept', 'receive', { signedBy: 'Ada' });
    await due('return-window', 'kept');
    await expectOnce('kept', 'order-fulfilment reminder.due');
    const { history, status } = await shop.order('kept');
    expect(status).toBe('completed');
    expect(history.map(({ event }) => event)).toContain('order.receipt-reminded');
  });

  it('whoever leaves has every open order cancelled once', async () => {
    await count('PEN', 5);
    shop.users.register('leaver');
    await shop.create({ userId: 'leaver', id: 'open-1' });
    await shop.create({ userId: 'leaver', id: 'open-2', lines: [line('PEN')], confirm: true });
    await shop.until('open-2', 'processing');
    await shop.users.unregister('leaver');
    await shop.until('open-1', 'cancelled');
    await shop.until('open-2', 'refunded');
    for (const id of ['open-1', 'open-2']) {
      await expectOnce(id, 'order-users user.unregistered');
      expect(await shop.order(id)).toMatchObject({ cancelReason: 'user-unregistered' });
    }
    expect(await left('PEN')).toMatchObject({ available: 5 });
  });
});
