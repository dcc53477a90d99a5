import { PlaceOrder, UserUnregistered } from '@millrace/contracts';
import { until } from '@millrace-apps/shared/testing';
import { LINES, LINES_CENTS, Shop } from './order.fixture.js';

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());

const gone = { status: 'cancelled', cancelReason: 'user-unregistered' };

describe('whoever leaves', () => {
  it('leaves no open order behind; what is on its way goes on', async () => {
    shop.users.register('leaver');
    await shop.create({ userId: 'leaver', id: 'l-created' });
    await shop.shipped('l-shipped', { userId: 'leaver' });
    await shop.create({ userId: 'leaver', id: 'l-processing', confirm: true });
    await shop.until('l-processing', 'processing');
    await shop.users.unregister('leaver');
    await shop.until('l-created', 'cancelled');
    expect(await shop.order('l-created')).toMatchObject(gone);
    expect(await shop.until('l-processing', 'refunded')).toMatchObject({ cancelReason: 'user-unregistered' });
    expect((await shop.order('l-shipped')).status).toBe('shipped');
    const { history } = await shop.order('l-created');
    expect(history.at(-1)).toMatchObject({ event: 'order.cancelled', actor: 'leaver' });
    expect(await shop.create({ userId: 'leaver' })).toMatchObject({ status: 404 });
  }, 30_000);

  it('between the question and the commit, leaves no open order behind either', async () => {
    shop.users.register('hasty');
    shop.users.beforeAnswer = async (userId) => {
      shop.users.beforeAnswer = () => Promise.resolve();
      await shop.users.unregister(userId);
      await shop.settled('order-users', 'user');
    };
    // The answer was true when it was given, and is not any more.
    expect(await shop.create({ userId: 'hasty', id: 'h-1', confirm: true })).toMatchObject({ status: 201 });
    await until('it is cancelled', async () => (await shop.order('h-1'))['cancelReason'] !== undefined);
    expect(await shop.order('h-1')).toMatchObject({ cancelReason: 'user-unregistered' });
  }, 30_000);

  it('and comes back, keeps the orders of the new time', async () => {
    shop.users.register('back');
    await shop.users.unregister('back');
    const before = new Date().toISOString();
    await until('the clock has moved', () => Date.now() > Date.parse(before));
    shop.users.register('back');
    await shop.create({ userId: 'back', id: 'b-1' });
    // The event of the first time comes again, late.
    await shop.users.bus.publish(new UserUnregistered({ userId: 'back', unregisteredAt: before }));
    await shop.settled('order-users', 'user');
    await shop.settled('order-lists', 'order');
    expect((await shop.order('b-1')).status).toBe('created');
  });
});

describe('an order that another service places', () => {
  const place = (fields: Partial<PlaceOrder> = {}) =>
    shop.users.commands.execute(
      new PlaceOrder({ userId: 'ada', orderId: 'placed', lines: LINES, currency: 'EUR', ...fields }),
    );

  it('is created and confirmed, once', async () => {
    const replies = await Promise.all(Array.from({ length: 5 }, () => place()));
    const [first] = replies;
    expect(first).toMatchObject({ orderId: 'placed', totalCents: LINES_CENTS });
    expect(new Set(replies.map(({ createdAt }) => createdAt)).size).toBe(1);
    const { history } = await shop.until('placed', 'processing');
    expect(history.filter(({ event }) => event === 'order.created')).toHaveLength(1);
    expect(history.filter(({ event }) => event === 'payment.requested')).toHaveLength(1);
    expect(history[0]).toMatchObject({ actor: 'order.place' });
  });

  it('is confirmed where it was only created', async () => {
    await shop.create({ userId: 'ada', id: 'half' });
    await place({ orderId: 'half' });
    await shop.until('half', 'processing');
  });

  it('is refused as over HTTP', async () => {
    await expect(place({ userId: 'nobody' })).rejects.toMatchObject({ response: { code: 'USER_UNKNOWN' } });
    await expect(place({ currency: 'GBP' })).rejects.toMatchObject({ response: { code: 'ORDER_EXISTS' } });
  });
});

describe('while nobody knows the users', () => {
  it('answers 503, and says when to try again', async () => {
    await shop.closeUsers();
    const { status, body, headers } = await shop.create({ userId: 'ada', id: 'unasked' });
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'USERS_UNAVAILABLE' } });
    expect(headers.get('retry-after')).toBe('1');
    expect(await shop.app.request('GET', '/orders/unasked')).toMatchObject({ status: 404 });
  });
});
