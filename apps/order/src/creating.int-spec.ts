import { everythingStored, until } from '@millrace-apps/shared/testing';
import { ADDRESS, LINES, LINES_CENTS, type OrderBody, Shop } from './order.fixture.js';

const ascending = (a: number, b: number): number => a - b;

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
}, 60_000);
afterAll(() => shop?.close());

describe('creating an order', () => {
  it('stores it with its total and announces it', async () => {
    const { status, body } = await shop.create({ userId: 'ada' });
    expect(status).toBe(201);
    const { id, createdAt } = body as { id: string; createdAt: string };
    expect(body).toEqual({
      id,
      userId: 'ada',
      userSince: expect.any(String),
      lines: LINES,
      currency: 'EUR',
      totalCents: LINES_CENTS,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      status: 'created',
      history: [{ event: 'order.created', status: 'created', at: createdAt, actor: 'anonymous' }],
    });
    const told = await until('it is announced', async () => {
      const found = await shop.events(id);
      return found.length > 0 && found;
    });
    expect(told).toEqual([
      {
        type: 'order.created',
        body: {
          orderId: id,
          userId: 'ada',
          lines: LINES,
          currency: 'EUR',
          totalCents: LINES_CENTS,
          actor: 'anonymous',
          createdAt,
        },
      },
    ]);
  });

  it('confirms it in the same breath where that is asked for', async () => {
    const { status, body } = await shop.create({ userId: 'ada', id: 'at-once', confirm: true });
    expect(status).toBe(201);
    const { history } = body as OrderBody;
    expect(history.map(({ event, status: reached }) => `${event} ${reached}`)).toEqual([
      'order.created created',
      'order.updated confirmed',
      'payment.requested confirmed',
      'reminder.requested confirmed',
    ]);
    await until('its payment is asked for', async () => (await shop.events('at-once', 'payment')).length > 0);
  });

  it('refuses an address and a contact that are none, by path', async () => {
    const { status, body } = await shop.create({
      userId: 'ada',
      address: { name: 'A', street: '', country: 'XX' },
      contact: { email: 'nobody', phone: '1' },
    });
    expect(status).toBe(400);
    const paths = (body as { violations: { path: string }[] }).violations.map(({ path }) => path);
    expect([...new Set(paths)].sort()).toEqual([
      'address.city',
      'address.country',
      'address.postalCode',
      'address.street',
      'contact.email',
      'contact.phone',
    ]);
  });

  it('refuses what breaks the class, by path', async () => {
    const lines = [LINES[0], { sku: 'X', quantity: 0, unitPriceCents: 1.5, colour: 'red' }];
    const { status, body } = await shop.create({ userId: 'ada', lines, currency: 'EURO' });
    expect(status).toBe(400);
    const { code, violations } = body as { code: string; violations: { path: string; constraint: string }[] };
    expect(code).toBe('REQUEST_INVALID');
    expect(violations.map(({ path, constraint }) => `${path} ${constraint}`).sort()).toEqual([
      'currency isISO4217CurrencyCode',
      'lines.1.colour whitelistValidation',
      'lines.1.quantity min',
      'lines.1.unitPriceCents isInt',
    ]);
  });

  it.each([
    ['no lines', []],
    ['lines that are no list', 'MUG-01'],
    ['a hundred and one lines', Array.from({ length: 101 }, () => LINES[0])],
  ])('refuses %s', async (_what, lines) => {
    const answer = await shop.create({ userId: 'ada', lines });
    expect(answer).toMatchObject({
      status: 400,
      body: { violations: expect.arrayContaining([expect.objectContaining({ path: 'lines' })]) },
    });
  });

  it('answers 404 for a user who is not registered', async () => {
    expect(await shop.create({ userId: 'nobody' })).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
  });

  it('takes one of many orders under one id', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => shop.create({ userId: 'ada', id: 'mine' })),
    );
    expect(answers.map(({ status }) => status).sort(ascending)).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ body: { code: 'ORDER_EXISTS' } });
    await until('it is announced once', async () => (await shop.events('mine')).length === 1);
  });
});

describe('changing an order', () => {
  it('takes new lines while it is created, and announces them', async () => {
    await shop.create({ userId: 'ada', id: 'edited' });
    const lines = [{ sku: 'PEN-12', quantity: 3, unitPriceCents: 100 }];
    const { status, body } = await shop.app.request('PATCH', '/orders/edited', { lines });
    expect(status).toBe(200);
    expect(body).toMatchObject({ lines, totalCents: 300, status: 'created' });
    const told = await until('it is announced', async () => (await shop.events('edited'))[1]);
    expect(told).toMatchObject({
      type: 'order.updated',
      body: { changes: ['lines'], lines, totalCents: 300 },
    });
  });

  it('keeps the lines that are being paid, and still takes another address', async () => {
    await shop.create({ userId: 'ada', id: 'fixed', confirm: true });
    const refused = await shop.app.request('PATCH', '/orders/fixed', { lines: LINES, address: ADDRESS });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'ORDER_TRANSITION_ILLEGAL', status: expect.any(String), attempted: 'edit-lines' },
    });
    expect(await shop.order('fixed')).not.toHaveProperty('address');
  });

  it('asks what to change', async () => {
    expect(await shop.app.request('PATCH', '/orders/edited', {})).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
    expect(await shop.app.request('PATCH', '/orders/none', { lines: LINES })).toMatchObject({ status: 404 });
  });

  it('is possible a hundred times, since every change is kept', async () => {
    await shop.create({ userId: 'ada', id: 'wavering' });
    const contact = { phone: '+43 1 234' };
    const statuses: number[] = [];
    for (let nr = 0; nr < 101; nr++)
      statuses.push((await shop.app.request('PATCH', '/orders/wavering', { contact })).status);
    expect(statuses.indexOf(409)).toBe(100);
  }, 60_000);
});

describe('what is personal', () => {
  it('cannot be read by anybody in what is stored', async () => {
    const contact = { email: 'secret.person@example.org', phone: '+44 20 7946 0958' };
    const answer = await shop.create({ userId: 'ada', id: 'sent', address: ADDRESS, contact, confirm: true });
    expect(answer).toMatchObject({ status: 201, body: { address: ADDRESS, contact } });
    await until('it is announced', async () => (await shop.events('sent')).length > 0);
    const stored = await everythingStored(shop.app.connection);
    expect(stored).toContain('events.order.created.sent');
    expect(stored).toContain('"address":{"$encrypted"');
    expect(stored).toContain('"contact":{"$encrypted"');
    const secrets = ['Secret', 'Hidden Lane', 'XQ7 9ZZ', 'Nowhereville', 'secret.person', '7946 0958'];
    for (const plain of secrets) expect(stored).not.toContain(plain);
  });
});
