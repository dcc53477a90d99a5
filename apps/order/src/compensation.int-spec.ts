import { PaymentSucceeded, StockReserved } from '@millrace/contracts';
import { Shop } from './order.fixture.js';
import { REFUSED_CENTS } from './payments/payment.simulator.js';
import { REFUSED_SKU } from './shipments/shipment.simulator.js';

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());
afterEach(() => {
  delete shop.config.PAYMENT_DELAY;
  delete shop.config.SHIPMENT_DELAY;
});

const line = (sku: string, quantity = 1, unitPriceCents = 100): object => ({ sku, quantity, unitPriceCents });
const order = (id: string, ...lines: object[]): Promise<unknown> =>
  shop.create({ userId: 'ada', id, confirm: true, ...(lines.length > 0 && { lines }) });
const count = (sku: string, available: number): Promise<unknown> =>
  shop.app.request('PUT', `/stock/${sku}`, { available });
const left = async (sku: string): Promise<unknown> => (await shop.app.request('GET', `/stock/${sku}`)).body;

/** What was done from the cancellation on. */
const undoing = async (id: string): Promise<string[]> => {
  const events = (await shop.order(id)).history.map(({ event }) => event);
  return events
    .slice(events.indexOf('order.cancelled') + 1)
    .filter((event) => !event.startsWith('reminder.'));
};
const SHIPMENT = 'shipment.cancel-requested';
const STOCK = 'stock.release-requested';
const PAYMENT = ['payment.refund-requested', 'order.refunded'];

describe('when a later step fails', () => {
  it('a payment: the order is cancelled, and nothing is asked for', async () => {
    await order('poor', line('MUG-01', 1, REFUSED_CENTS));
    expect(await shop.until('poor', 'cancelled')).toMatchObject({
      cancelReason: 'payment-failed',
      payment: 'failed',
    });
    expect(await undoing('poor')).toEqual([]);
    expect(await shop.order('poor')).not.toHaveProperty('stock');
  });

  it('the stock: the payment goes back', async () => {
    await count('RARE', 1);
    await order('much', line('RARE'), line('RARE'));
    expect(await shop.until('much', 'refunded')).toMatchObject({
      cancelReason: 'out-of-stock',
      stock: 'refused',
      payment: 'refunded',
    });
    expect(await undoing('much')).toEqual(PAYMENT);
    expect(await left('RARE')).toEqual({ sku: 'RARE', available: 1 });
  });

  it('the shipment: the goods go back, then the payment', async () => {
    await count(REFUSED_SKU, 5);
    await order('heavy', line(REFUSED_SKU, 2));
    await shop.until('heavy', 'processing');
    expect(await left(REFUSED_SKU)).toEqual({ sku: REFUSED_SKU, available: 3 });
    await shop.do('heavy', 'sign', { signedBy: 'Ada' });
    expect(await shop.until('heavy', 'refunded')).toMatchObject({ cancelReason: 'shipment-refused' });
    expect(await undoing('heavy')).toEqual([STOCK, ...PAYMENT]);
    expect(await left(REFUSED_SKU)).toEqual({ sku: REFUSED_SKU, available: 5 });
  });

  it('by chance, as the configuration says: all of them, and the same again for the same order', async () => {
    shop.config.PAYMENT_FAILURE_RATE = 1;
    try {
      await order('unlucky');
      expect(await shop.until('unlucky', 'cancelled')).toMatchObject({ cancelReason: 'payment-failed' });
    } finally {
      shop.config.PAYMENT_FAILURE_RATE = 0;
    }
  });
});

describe('an order that is cancelled', () => {
  it('when it is created, leaves nothing to undo', async () => {
    await shop.create({ userId: 'ada', id: 'c-created' });
    expect(await shop.do('c-created', 'cancel')).toMatchObject({
      status: 200,
      body: { status: 'cancelled', cancelReason: 'requested' },
    });
    expect(await undoing('c-created')).toEqual([]);
    expect(await shop.do('c-created', 'cancel')).toMatchObject({ status: 409, body: { legal: ['refund'] } });
  });

  it('when it is confirmed, gives back a payment that comes late', async () => {
    shop.config.PAYMENT_DELAY = '1h';
    await order('c-confirmed');
    expect((await shop.do('c-confirmed', 'cancel')).status).toBe(200);
    expect(await undoing('c-confirmed')).toEqual([]);
    delete shop.config.PAYMENT_DELAY;
    await shop.users.bus.publish(
      new PaymentSucceeded({
        paymentId: 'payment of c-confirmed',
        orderId: 'c-confirmed',
        amountCents: 4499,
        currency: 'EUR',
        at: new Date().toISOString(),
      }),
    );
    await shop.until('c-confirmed', 'refunded');
    expect(await undoing('c-confirmed')).toEqual(PAYMENT);
  });

  it('when it is paid, gives back goods that nobody has answered about', async () => {
    await count('SLOW', 5);
    const stock = await shop.pause('order-stock');
    await order('c-paid', line('SLOW', 2));
    await shop.until('c-paid', 'paid');
    expect((await shop.do('c-paid', 'cancel')).status).toBe(200);
    await stock.resume();
    await shop.until('c-paid', 'refunded');
    expect(await undoing('c-paid')).toEqual([STOCK, ...PAYMENT]);
    expect(await left('SLOW')).toEqual({ sku: 'SLOW', available: 5 });
    // An answer that was overtaken changes nothing.
    await shop.users.bus.publish(new StockReserved({ orderId: 'c-paid', at: new Date().toISOString() }));
    await shop.settled('order-fulfilment', 'stock');
    expect(await shop.order('c-paid')).toMatchObject({ status: 'refunded', stock: 'released' });
  }, 30_000);

  it('when it is in processing, gives back the goods, then the payment', async () => {
    await order('c-processing');
    await shop.until('c-processing', 'processing');
    await shop.do('c-processing', 'cancel');
    await shop.until('c-processing', 'refunded');
    expect(await undoing('c-processing')).toEqual([STOCK, ...PAYMENT]);
  });

  it('when it is signed, gives back shipment, goods and payment, in this order', async () => {
    await order('c-signed');
    await shop.until('c-signed', 'processing');
    shop.config.SHIPMENT_DELAY = '1h';
    await shop.do('c-signed', 'sign', { signedBy: 'Ada' });
    await shop.settled('order-shipments', 'shipment');
    delete shop.config.SHIPMENT_DELAY;
    await shop.do('c-signed', 'cancel');
    await shop.until('c-signed', 'refunded');
    expect(await undoing('c-signed')).toEqual([SHIPMENT, STOCK, ...PAYMENT]);
  });

  it('when it is on its way, is not', async () => {
    await shop.shipped('c-shipped');
    expect(await shop.do('c-shipped', 'cancel')).toMatchObject({
      status: 409,
      body: { code: 'ORDER_TRANSITION_ILLEGAL', status: 'shipped', attempted: 'cancel', legal: ['receive'] },
    });
  });

  it('while it is being paid, is refunded in the end, whichever came first', async () => {
    const ids = Array.from({ length: 20 }, (_, nr) => `tie-${nr}`);
    await Promise.all(ids.map((id) => order(id)));
    const answers = await Promise.all(ids.map((id) => shop.do(id, 'cancel')));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
    for (const id of ids) {
      await shop.until(id, 'refunded');
      const events = (await shop.order(id)).history.map(({ event }) => event);
      for (const once of ['order.cancelled', ...PAYMENT])
        expect(events.filter((event) => event === once)).toHaveLength(1);
    }
  }, 60_000);
});
