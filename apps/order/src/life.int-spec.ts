import { everythingStored, until } from '@millrace-apps/shared/testing';
import { ADDRESS, LINES_CENTS, Shop } from './order.fixture.js';

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());

const typesOf = async (id: string, context?: string): Promise<string[]> =>
  (await shop.events(id, context)).map(({ type }) => type);

describe('an order that all goes well with', () => {
  it('is created, confirmed, paid, processed, signed, shipped, received and completed', async () => {
    const contact = { email: 'secret.person@example.org' };
    await shop.create({ userId: 'ada', id: 'good', address: ADDRESS, contact });
    expect(await shop.do('good', 'confirm')).toMatchObject({ status: 200, body: { status: 'confirmed' } });
    await shop.until('good', 'processing');
    expect(await shop.do('good', 'sign', { signedBy: 'Hidden Signer' })).toMatchObject({
      status: 200,
      body: { status: 'signed', signedBy: 'Hidden Signer' },
    });
    await shop.until('good', 'shipped');
    const received = await shop.do('good', 'receive', { signedBy: 'Hidden Receiver' });
    expect(received).toMatchObject({
      status: 200,
      body: { status: 'received', receivedBy: 'Hidden Receiver' },
    });
    expect(await shop.do('good', 'complete')).toMatchObject({ status: 200, body: { status: 'completed' } });

    const order = await shop.order('good');
    expect(order).toMatchObject({ payment: 'paid', stock: 'reserved', shipment: 'delivered' });
    expect(order.history.map(({ event, status, actor }) => `${event} ${status} ${actor}`)).toEqual([
      'order.created created anonymous',
      'order.updated confirmed anonymous',
      'payment.requested confirmed anonymous',
      'reminder.requested confirmed anonymous',
      'order.updated paid fulfilment',
      'order.paid paid fulfilment',
      'reminder.cancelled paid fulfilment',
      'stock.requested paid fulfilment',
      'order.processing processing fulfilment',
      'order.signed signed anonymous',
      'shipment.requested signed anonymous',
      'order.shipped shipped fulfilment',
      'reminder.requested shipped fulfilment',
      'order.received received anonymous',
      'reminder.cancelled received anonymous',
      'reminder.requested received anonymous',
      'order.completed completed anonymous',
      'reminder.cancelled completed anonymous',
    ]);
  }, 30_000);

  it('has told of every step, in order, once', async () => {
    const told = [
      'order.created',
      'order.updated',
      'order.updated',
      'order.paid',
      'order.processing',
      'order.signed',
      'order.shipped',
      'order.received',
      'order.completed',
    ];
    await until('all is stored', async () => (await typesOf('good')).length >= told.length);
    expect(await typesOf('good')).toEqual(told);
    const updates = (await shop.events('good')).filter(({ type }) => type === 'order.updated');
    expect(updates.map(({ body }) => body['changes'])).toEqual([['confirmed'], ['paid']]);
    const paid = (await shop.events('good')).find(({ type }) => type === 'order.paid');
    expect(paid?.body).toMatchObject({ amountCents: LINES_CENTS, currency: 'EUR', userId: 'ada' });
    expect(await typesOf('good', 'payment')).toEqual(['payment.requested', 'payment.succeeded']);
    expect(await typesOf('good', 'stock')).toEqual(['stock.requested', 'stock.reserved']);
    expect(await typesOf('good', 'shipment')).toEqual(['shipment.requested', 'shipment.booked']);
  });

  it('has left nothing personal that anybody can read', async () => {
    const stored = await everythingStored(shop.app.connection);
    for (const subject of ['events.order.received.good', 'events.shipment.requested.good', '$KV.orders.good'])
      expect(stored).toContain(subject);
    const secrets = ['Secret Person', 'Hidden Lane', 'XQ7 9ZZ', 'Nowhereville', 'secret.person'];
    for (const plain of secrets) expect(stored).not.toContain(plain);
  });
});

describe('an order that is given back', () => {
  it.each(['received', 'completed'])(
    'when it is %s, is refunded when it is back',
    async (status) => {
      const id = `back-${status}`;
      await shop.create({ userId: 'ada', id, confirm: true });
      await shop.until(id, 'processing');
      await shop.do(id, 'sign', { signedBy: 'Ada' });
      await shop.until(id, 'shipped');
      await shop.do(id, 'receive', { signedBy: 'Ada' });
      if (status === 'completed') await shop.do(id, 'complete');
      expect(await shop.do(id, 'return', { reason: 'It does not fit' })).toMatchObject({
        status: 200,
        body: { status: 'return-requested' },
      });
      expect(await shop.do(id, 'returned')).toMatchObject({ status: 200, body: { status: 'returned' } });
      expect(await shop.until(id, 'refunded')).toMatchObject({ payment: 'refunded', stock: 'released' });
      expect((await typesOf(id)).slice(-3)).toEqual([
        'order.return-requested',
        'order.returned',
        'order.refunded',
      ]);
      expect((await typesOf(id, 'shipment')).at(-1)).toBe('shipment.booked');
    },
    30_000,
  );
});
