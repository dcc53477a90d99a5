import { newApiKey, until } from '@millrace-apps/shared/testing';
import { Shop } from './order.fixture.js';

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());

describe('a transition', () => {
  it('that is illegal is refused with where the order stands, and what is legal there', async () => {
    await shop.create({ userId: 'ada', id: 'new' });
    expect(await shop.do('new', 'receive', { signedBy: 'Ada' })).toMatchObject({
      status: 409,
      body: {
        code: 'ORDER_TRANSITION_ILLEGAL',
        orderId: 'new',
        status: 'created',
        attempted: 'receive',
        legal: ['confirm', 'cancel', 'edit-lines', 'edit-address', 'edit-contact'],
      },
    });
    expect((await shop.order('new')).status).toBe('created');
    expect(await shop.events('new')).toHaveLength(1);
  });

  it('of an order that is unknown is answered 404', async () => {
    for (const [action, body] of [
      ['confirm'],
      ['sign', { signedBy: 'Ada' }],
      ['receive', { signedBy: 'Ada' }],
      ['complete'],
      ['cancel'],
      ['return', { reason: 'It does not fit' }],
      ['returned'],
    ] as const)
      expect(await shop.do('none', action, body)).toMatchObject({
        status: 404,
        body: { code: 'ORDER_UNKNOWN' },
      });
  });

  it('needs a signature where it is one', async () => {
    for (const action of ['sign', 'receive'])
      expect(await shop.do('new', action, { signedBy: ' ' })).toMatchObject({
        status: 400,
        body: { violations: [{ path: 'signedBy' }] },
      });
  });

  it('happens once, however many ask for it', async () => {
    await shop.create({ userId: 'ada', id: 'rushed' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.do('rushed', 'confirm')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    await until('its payment is asked for', async () => (await shop.events('rushed', 'payment')).length > 0);
    const asked = (await shop.events('rushed', 'payment')).filter(({ type }) => type === 'payment.requested');
    expect(asked).toHaveLength(1);
  });
});

describe('the administration', () => {
  it('is for keys with the scope admin, whose name is in the history', async () => {
    const boss = newApiKey('back-office', ['admin']);
    const clerk = newApiKey('web-shop', ['service']);
    const locked = await Shop.open({ API_KEYS: `${boss.entry},${clerk.entry}` });
    try {
      const asBoss = locked.app.as(boss.key);
      expect((await locked.app.request('GET', '/orders')).status).toBe(401);
      expect((await locked.app.as(clerk.key).request('GET', '/orders')).status).toBe(403);
      expect((await asBoss.request('GET', '/orders')).status).toBe(200);
    } finally {
      await locked.close();
    }
  }, 60_000);
});
