import { OrderCreated } from '@millrace/contracts';
import { until } from '@millrace-apps/shared/testing';
import { OrderIndex } from './lists/order-index.js';
import { LINES, Shop } from './order.fixture.js';

const idsOf = ({ items }: { items: { id: string }[] }): string[] => items.map(({ id }) => id);

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());

describe('reading orders', () => {
  it('answers 404 for one that is unknown', async () => {
    for (const path of ['/orders/none', '/orders/none/history'])
      expect(await shop.app.request('GET', path)).toMatchObject({
        status: 404,
        body: { code: 'ORDER_UNKNOWN' },
      });
  });

  it('tells every event of an order with its time and who did it', async () => {
    await shop.create({ userId: 'ada', id: 'told' });
    await shop.app.request('PATCH', '/orders/told', { contact: { phone: '+43 1 234' } });
    await shop.do('told', 'cancel');
    const { body } = await shop.app.request('GET', '/orders/told/history');
    const by = { at: expect.stringMatching(/^\d{4}-.*Z$/), actor: 'anonymous' };
    expect(body).toEqual([
      { event: 'order.created', status: 'created', ...by },
      { event: 'order.updated', status: 'created', ...by },
      { event: 'order.cancelled', status: 'cancelled', ...by },
    ]);
  });

  it("lists a user's orders, the new one at once, newest first, in pages", async () => {
    shop.users.register('grace');
    const ids: string[] = [];
    for (const id of ['g0', 'g1', 'g2', 'g3']) {
      await shop.create({ userId: 'grace', id });
      ids.unshift(id);
      expect(idsOf(await shop.list('userId=grace'))).toEqual(ids);
    }
    const page = await shop.list('userId=grace&limit=2&offset=1');
    expect(page).toMatchObject({ items: [{ id: 'g2' }, { id: 'g1' }], nextOffset: 3 });
    expect(await shop.list('userId=nobody')).toEqual({ items: [] });
  });

  it('lists those of a span of time, of a user or of all', async () => {
    shop.users.register('alan');
    const times = new Map<string, string>();
    for (const id of ['a1', 'a2', 'a3']) {
      const { createdAt } = (await shop.create({ userId: 'alan', id })).body as { createdAt: string };
      times.set(id, createdAt);
      await until('the clock has moved', () => Date.now() > Date.parse(createdAt));
    }
    const span = `from=${times.get('a2')}&until=${times.get('a3')}`;
    expect(idsOf(await shop.list(`userId=alan&${span}`))).toEqual(['a2']);
    await until('they are listed among all', async () => idsOf(await shop.list('')).includes('a3'));
    expect(idsOf(await shop.list(span))).toEqual(['a2']);
    expect(idsOf(await shop.list('from=2001-01-01&until=2001-01-02'))).toEqual([]);
    expect(await shop.list('from=yesterday')).toMatchObject({ violations: [{ path: 'from' }] });
  });

  it('lists those of a status, and says where to go on', async () => {
    shop.users.register('mary');
    for (let nr = 0; nr < 6; nr++) await shop.create({ userId: 'mary', id: `m${nr}` });
    for (const id of ['m1', 'm4']) await shop.do(id, 'cancel');
    expect(idsOf(await shop.list('userId=mary&status=cancelled'))).toEqual(['m4', 'm1']);
    const first = await shop.list('userId=mary&status=cancelled&limit=1');
    expect(idsOf(first)).toEqual(['m4']);
    const second = await shop.list(`userId=mary&status=cancelled&limit=1&offset=${first.nextOffset}`);
    expect(idsOf(second)).toEqual(['m1']);
    expect(await shop.list('status=lost')).toMatchObject({ violations: [{ path: 'status' }] });
  });

  it('lists an order that was announced without being listed, as after a crash', async () => {
    const order = {
      orderId: 'orphan',
      userId: 'crashed',
      lines: LINES,
      currency: 'EUR',
      totalCents: 4499,
      createdAt: '2026-01-01T00:00:01.000Z',
    };
    await shop.users.bus.publish(new OrderCreated(order));
    const { jsm } = shop.app.connection;
    for (const list of ['user=3Acrashed', 'day=3A2026-01-01'])
      await until(`it is in ${list}`, () =>
        jsm.streams
          .getMessage('KV_order-lists', { last_by_subj: `$KV.order-lists.${list}` })
          .then((found) => found ?? false),
      );
  });
});

describe('a list without end', () => {
  it('is kept in chunks, and every order is listed once, newest first', async () => {
    const count = 1050;
    const bus = shop.users.bus;
    const start = Date.UTC(2025, 4, 5);
    const orders = Array.from({ length: count }, (_, nr) => ({
      orderId: `many-${nr}`,
      userId: 'many',
      lines: LINES,
      currency: 'EUR',
      totalCents: 1,
      createdAt: new Date(start + nr * 1000).toISOString(),
    }));
    for (const order of orders) await bus.publish(new OrderCreated(order));
    const index = shop.app.get(OrderIndex);
    const listed = async (list: AsyncIterable<{ id: string }>): Promise<string[]> => {
      const ids: string[] = [];
      for await (const { id } of list) ids.push(id);
      return ids;
    };
    const span = { from: start, until: start + 86_400_000 };
    await until(
      'all are listed',
      async () => {
        const lists = await Promise.all([listed(index.ofUser('many')), listed(index.all(span))]);
        return lists.every((ids) => ids.length === count);
      },
      60_000,
    );
    const newestFirst = orders.map(({ orderId }) => orderId).reverse();
    expect(await listed(index.all(span))).toEqual(newestFirst);
    expect((await listed(index.ofUser('many'))).sort()).toEqual([...newestFirst].sort());
  }, 120_000);
});
