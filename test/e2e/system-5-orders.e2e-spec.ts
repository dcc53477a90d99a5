import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { LINES, ORDERS, registerUser, System } from '../support/system.js';

/**
 * An order management system: an administrator creates an order and every interested party reacts to created,
 * updated (confirmed, paid), processing, signed, shipped, received-and-signed and payment events; inputs
 * validated, sensitive data encrypted, everything logged.
 */
interface OrderBody {
  status: string;
  cancelReason?: string;
  history: { event: string; actor: string; at: string }[];
}

const PATIENCE_MS = 30_000;
const ADDRESS = {
  name: 'Secret Person',
  street: '7 Hidden Lane',
  postalCode: 'XQ7 9ZZ',
  city: 'Nowhereville',
  country: 'GB',
};
const CONTACT = { email: 'secret.person@example.org', phone: '+44 20 7946 0958' };
const SECRETS = [...Object.values(ADDRESS).filter((text) => text !== 'GB'), CONTACT.email, CONTACT.phone];

let system: System;
afterEach(() => system?.stop());

const orderOf = async (order: AppProcess, id: string): Promise<OrderBody> => {
  const { status, body } = await order.get<OrderBody>(`/orders/${id}`);
  expect(status).toBe(200);
  return body;
};
const reaches = (order: AppProcess, id: string, status: string): Promise<OrderBody> =>
  eventually(async () => {
    const found = await orderOf(order, id);
    expect(found.status).toBe(status);
    return found;
  }, PATIENCE_MS);
const does = async (order: AppProcess, id: string, action: string, body: object = {}): Promise<void> => {
  const answer = await order.post(`/orders/${id}/${action}`, body);
  expect({ action, answer }).toMatchObject({ answer: { status: 200 } });
};
const typesAbout = async (id: string, context: string): Promise<string[]> =>
  (await system.client.read(`EVENTS_${context}`, `events.${context}.*.${id}`)).map(
    ({ headers }) => headers['ce-type'] ?? '',
  );

describe('the order management system', () => {
  it('takes an order through its whole life, and everybody hears of every step', async () => {
    system = await System.start();
    const [user, order] = await Promise.all([
      system.startApp('user'),
      system.startApp('order', { RETURN_WINDOW: '1s' }),
      system.startApp('scheduler', { TICK_INTERVAL: '1h' }),
    ]);
    const userId = await registerUser(user);

    // An administrator creates an order, and it is confirmed.
    const created = await order.post('/orders', {
      id: 'o-1',
      userId,
      lines: LINES,
      currency: 'EUR',
      address: ADDRESS,
      contact: CONTACT,
    });
    expect(created).toMatchObject({ status: 201, body: { status: 'created', totalCents: 2500 } });
    await does(order, 'o-1', 'confirm');
    // It is paid, and its goods are there.
    await reaches(order, 'o-1', 'processing');
    // The contract is signed; a carrier takes the goods; they are received and signed for.
    await does(order, 'o-1', 'sign', { signedBy: 'Hidden Signer' });
    await reaches(order, 'o-1', 'shipped');
    await does(order, 'o-1', 'receive', { signedBy: 'Hidden Receiver' });
    // Nobody gives it back, so the timer closes it.
    await reaches(order, 'o-1', 'completed');

    const story = [
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
    await eventually(async () => expect(await typesAbout('o-1', 'order')).toEqual(story));
    expect(await typesAbout('o-1', 'payment')).toEqual(['payment.requested', 'payment.succeeded']);
    expect(await typesAbout('o-1', 'stock')).toEqual(['stock.requested', 'stock.reserved']);
    expect(await typesAbout('o-1', 'shipment')).toEqual(['shipment.requested', 'shipment.booked']);

    // Every interested party has handled what it wants of it, and nothing is dead.
    await eventually(async () => {
      for (const context of ['order', 'payment', 'stock', 'shipment', 'reminder'])
        for await (const { name } of system.client.jsm.consumers.list(`EVENTS_${context}`))
          expect(await system.client.place(`EVENTS_${context}`, name)).toMatchObject({
            waiting: 0,
            unsettled: 0,
          });
    }, PATIENCE_MS);
    expect(await system.client.read('DEAD_LETTERS', 'dead.>')).toEqual([]);
    const told = (group: string): number => system.client.acknowledged(ORDERS, group).size;
    await eventually(() => {
      for (const group of ['user-notifications', 'order-lists', 'order-days'])
        expect({ group, told: told(group) > 0 }).toEqual({ group, told: true });
    });

    // Everything is told of, with its time and who did it.
    const { body: history } = await order.get<OrderBody['history']>('/orders/o-1/history');
    expect(history.filter(({ event }) => event.startsWith('order.')).map(({ event }) => event)).toEqual(
      story,
    );
    for (const entry of history)
      expect(entry).toMatchObject({ at: expect.stringMatching(/Z$/), actor: expect.stringMatching(/./) });

    // What is sensitive can be read here, and nowhere in what is stored or logged.
    expect(await orderOf(order, 'o-1')).toMatchObject({
      address: ADDRESS,
      contact: CONTACT,
      signedBy: 'Hidden Signer',
      receivedBy: 'Hidden Receiver',
    });
    const stored: string[] = [];
    for (const context of ['order', 'payment', 'stock', 'shipment', 'reminder'])
      for (const { text } of await system.client.read(`EVENTS_${context}`, '>')) stored.push(text);
    for (const { text } of await system.client.read('KV_orders', '>')) stored.push(text);
    const everything = [...stored, order.output, user.output].join('\n');
    expect(everything).toContain('$encrypted');
    for (const secret of [...SECRETS, 'Hidden Signer', 'Hidden Receiver'])
      expect(everything).not.toContain(secret);
  }, 120_000);

  it('validates what it is told, and says what is wrong and what is possible', async () => {
    system = await System.start();
    const [user, order] = await Promise.all([system.startApp('user'), system.startApp('order')]);
    const userId = await registerUser(user);
    const lines = [{ sku: '', quantity: 0, unitPriceCents: 0.5 }];
    const invalid = await order.post<{ violations: { path: string }[] }>('/orders', {
      userId,
      lines,
      currency: 'EURO',
      contact: { email: 'nobody' },
    });
    expect(invalid.status).toBe(400);
    expect([...new Set(invalid.body.violations.map(({ path }) => path))].sort()).toEqual([
      'contact.email',
      'currency',
      'lines.0.quantity',
      'lines.0.sku',
      'lines.0.unitPriceCents',
    ]);
    await order.post('/orders', { id: 'o-2', userId, lines: LINES, currency: 'EUR' });
    expect(await order.post('/orders/o-2/receive', { signedBy: 'Ada' })).toMatchObject({
      status: 409,
      body: { code: 'ORDER_TRANSITION_ILLEGAL', status: 'created', attempted: 'receive' },
    });
  }, 60_000);

  it('undoes what was done for an order that cannot be carried out', async () => {
    system = await System.start();
    const [user, order] = await Promise.all([system.startApp('user'), system.startApp('order')]);
    const userId = await registerUser(user);
    const heavy = [{ sku: 'TOO-HEAVY', quantity: 1, unitPriceCents: 100 }];
    await order.post('/orders', { id: 'o-3', userId, lines: heavy, currency: 'EUR', confirm: true });
    await reaches(order, 'o-3', 'processing');
    await does(order, 'o-3', 'sign', { signedBy: 'Ada' });
    expect(await reaches(order, 'o-3', 'refunded')).toMatchObject({ cancelReason: 'shipment-refused' });
    await eventually(async () =>
      expect((await typesAbout('o-3', 'order')).slice(-2)).toEqual(['order.cancelled', 'order.refunded']),
    );
  }, 60_000);

  it('cancels what is not paid in time, also where the timer was away when the time came', async () => {
    system = await System.start();
    const [user, order] = await Promise.all([
      system.startApp('user'),
      system.startApp('order', { PAYMENT_DELAY: '1h', PAYMENT_TIMEOUT: '500ms' }),
    ]);
    const userId = await registerUser(user);
    await order.post('/orders', { id: 'o-4', userId, lines: LINES, currency: 'EUR', confirm: true });
    const { history } = await orderOf(order, 'o-4');
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(history[0]!.at) + 1000));
    expect((await orderOf(order, 'o-4')).status).toBe('confirmed');

    await system.startApp('scheduler', { TICK_INTERVAL: '1h' });
    expect(await reaches(order, 'o-4', 'cancelled')).toMatchObject({ cancelReason: 'payment-timeout' });
  }, 60_000);

  it('cancels the open orders of a user who leaves', async () => {
    system = await System.start();
    const [user, order] = await Promise.all([system.startApp('user'), system.startApp('order')]);
    const userId = await registerUser(user);
    await order.post('/orders', { id: 'o-5', userId, lines: LINES, currency: 'EUR', confirm: true });
    await reaches(order, 'o-5', 'processing');
    expect((await user.delete(`/users/${userId}`)).status).toBe(204);
    expect(await reaches(order, 'o-5', 'refunded')).toMatchObject({ cancelReason: 'user-unregistered' });
    expect(await order.post('/orders', { userId, lines: LINES, currency: 'EUR' })).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
  }, 60_000);
});
