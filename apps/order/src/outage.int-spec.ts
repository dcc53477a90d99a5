import { storedEvents, until } from '@millrace-apps/shared/testing';
import { type OrderBody, Shop } from './order.fixture.js';

const BOUND_MS = 3000;
/** A bound for the machine: what is proven is that it comes to that, and not how soon. */
const PATIENCE_MS = 60_000;

let shop: Shop;
const readyAgain = (): Promise<unknown> =>
  until(
    'it is ready again',
    async () => (await shop.app.request('GET', '/health/ready')).status === 200,
    PATIENCE_MS,
  );

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());

describe('while NATS is away', () => {
  it('requests fail within a bound, and leave nothing half-done', async () => {
    const { id } = (await shop.create({ userId: 'ada' })).body as OrderBody;
    await shop.server.kill();
    const startedAt = performance.now();
    const answers = await Promise.all([
      shop.create({ userId: 'ada', id: 'lost' }),
      shop.do(id, 'confirm'),
      shop.app.request('GET', `/orders/${id}`),
      shop.app.request('GET', '/orders?userId=ada'),
      shop.app.request('GET', '/orders'),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { statusCode: 503 } });
    await shop.server.restart();
    await readyAgain();
    expect(await shop.app.request('GET', '/orders/lost')).toMatchObject({ status: 404 });
    // Who answers for the users has to be back, too.
    await until('it is taken', async () => (await shop.create({ userId: 'ada', id: 'lost' })).status === 201);
    await until('it is announced', async () => (await shop.events('lost')).length === 1);
  }, 60_000);

  it('a crash in the middle of many lives lets each go on to its end, with every step once', async () => {
    const ids = Array.from({ length: 40 }, (_, nr) => `life-${nr}`);
    const confirmed = ids.map((id) => shop.create({ userId: 'ada', id, confirm: true }));
    // After a restart the server takes some seconds to relay again.
    await until('some are under way', async () => (await shop.stored('stock')).length > 0, PATIENCE_MS);
    await shop.server.restart({ signal: 'SIGKILL' });
    const statuses = (await Promise.all(confirmed)).map(({ status }) => status);
    for (const status of statuses) expect([201, 503]).toContain(status);
    await readyAgain();
    for (const [at, id] of ids.entries()) {
      const answer = await until(`${id} can be read`, async () => {
        const found = await shop.app.request('GET', `/orders/${id}`);
        return found.status !== 503 && found;
      });
      if (statuses[at] === 503 && answer.status === 404) continue;
      const { history } = await shop.until(id, 'processing', PATIENCE_MS);
      const names = history.map(({ event, status }) => `${event} ${status}`);
      expect(names).toEqual([...new Set(names)]);
    }
    // What was asked was asked once, and answered once.
    for (const context of ['payment', 'stock']) {
      const names = (await shop.stored(context)).map(
        ({ type, body }) => `${type} ${String(body['orderId'])}`,
      );
      expect(names).toEqual([...new Set(names)]);
    }
  }, 240_000);

  it('a crash in the middle of many orders leaves each with its event and its place in the list', async () => {
    shop.users.register('crowd');
    const ids = Array.from({ length: 200 }, (_, nr) => `crash-${nr}`);
    const answers = new Map<string, number>();
    let restarting: Promise<void> | undefined;
    await Promise.all(
      ids.map(async (id) => {
        const { status } = await shop.create({ userId: 'crowd', id });
        answers.set(id, status);
        if (answers.size === 30) restarting = shop.server.kill().then(() => shop.server.restart());
      }),
    );
    await restarting;
    for (const status of answers.values()) expect([201, 503]).toContain(status);
    await readyAgain();
    const stored: string[] = [];
    for (const id of ids) {
      const { status } = await until('it can be read', async () => {
        const answer = await shop.app.request('GET', `/orders/${id}`);
        return answer.status !== 503 && answer;
      });
      if (status === 200) stored.push(id);
    }
    for (const [id, status] of answers) if (status === 201) expect(stored).toContain(id);
    const announced = await until(
      'every order has its event',
      async () => {
        const found = (await storedEvents(shop.app.connection, 'order'))
          .map(({ body }) => String(body['orderId']))
          .filter((id) => id.startsWith('crash-'));
        return found.length >= stored.length && found;
      },
      PATIENCE_MS,
    );
    expect(announced.sort()).toEqual([...stored].sort());
    for (const list of ['userId=crowd', 'from=2020-01-01'])
      await until(
        `all are listed by ${list}`,
        async () => {
          const items: OrderBody[] = [];
          for (const offset of [0, 200])
            items.push(...(await shop.list(`${list}&limit=200&offset=${offset}`)).items);
          return items.filter(({ id }) => id.startsWith('crash-')).length === stored.length;
        },
        PATIENCE_MS,
      );
  }, 240_000);
});
