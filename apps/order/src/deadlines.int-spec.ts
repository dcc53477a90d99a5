import { ReminderDue, type ReminderKind } from '@millrace/contracts';
import { until } from '@millrace-apps/shared/testing';
import { Shop } from './order.fixture.js';

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open({ PAYMENT_TIMEOUT: '15m', RECEIPT_REMINDER: '14d', RETURN_WINDOW: '30d' });
}, 60_000);
afterAll(() => shop?.close());
afterEach(() => {
  delete shop.config.PAYMENT_DELAY;
});

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const idOf = (kind: ReminderKind, orderId: string): string => `${kind} of ${orderId}`;

/** As the scheduler tells it. */
const due = async (kind: ReminderKind, orderId: string): Promise<void> => {
  const at = new Date().toISOString();
  await shop.users.bus.publish(new ReminderDue({ reminderId: idOf(kind, orderId), kind, orderId, at }));
  await shop.settled('order-fulfilment', 'reminder');
};
const reminders = async (id: string): Promise<{ type: string; body: Record<string, unknown> }[]> =>
  (await shop.events(id, 'reminder')).filter(({ type }) => type === 'reminder.requested');
const cancelledReminders = async (): Promise<unknown[]> =>
  (await shop.stored('reminder'))
    .filter(({ type }) => type === 'reminder.cancelled')
    .map(({ body }) => body['reminderId']);
const statusTimes = async (id: string, event: string): Promise<number> =>
  Date.parse((await shop.order(id)).history.find((entry) => entry.event === event)?.at ?? '');

describe('an order that is not paid in time', () => {
  it('asks to be told so as it is confirmed, and takes that back as it is paid', async () => {
    await shop.create({ userId: 'ada', id: 'prompt', confirm: true });
    await shop.until('prompt', 'processing');
    const [asked] = await reminders('prompt');
    expect(asked?.body).toEqual({
      reminderId: idOf('payment-timeout', 'prompt'),
      kind: 'payment-timeout',
      orderId: 'prompt',
      at: new Date((await statusTimes('prompt', 'payment.requested')) + 15 * MINUTE_MS).toISOString(),
    });
    await until('it is taken back', async () =>
      (await cancelledReminders()).includes(idOf('payment-timeout', 'prompt')),
    );
  });

  it('is cancelled when the time comes', async () => {
    shop.config.PAYMENT_DELAY = '1h';
    await shop.create({ userId: 'ada', id: 'unpaid', confirm: true });
    await due('payment-timeout', 'unpaid');
    expect(await shop.order('unpaid')).toMatchObject({
      status: 'cancelled',
      cancelReason: 'payment-timeout',
    });
  });

  it('was paid after all: nothing happens', async () => {
    await due('payment-timeout', 'prompt');
    expect((await shop.order('prompt')).status).toBe('processing');
  });
});

describe('an order that is not received', () => {
  it('reminds its customer, once, and only while it is on its way', async () => {
    await shop.shipped('lost');
    const asked = (await reminders('lost')).find(({ body }) => body['kind'] === 'order-reminder');
    const shippedAt = await statusTimes('lost', 'order.shipped');
    expect(asked?.body['at']).toBe(new Date(shippedAt + 14 * DAY_MS).toISOString());
    for (let nr = 0; nr < 2; nr++) await due('order-reminder', 'lost');
    const reminded = await until('it is told of', async () => {
      const found = (await shop.events('lost')).filter(({ type }) => type === 'order.receipt-reminded');
      return found.length > 0 && found;
    });
    expect(reminded.map(({ body }) => body['shippedAt'])).toEqual([new Date(shippedAt).toISOString()]);
    expect((await shop.order('lost')).status).toBe('shipped');
    await shop.do('lost', 'receive', { signedBy: 'Ada' });
    await due('order-reminder', 'lost');
    expect((await shop.order('lost')).history.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['order.receipt-reminded', 'order.received']),
    );
  });
});

describe('an order that is kept', () => {
  it('is completed when it can no longer be given back', async () => {
    const asked = (await reminders('lost')).find(({ body }) => body['kind'] === 'return-window');
    const receivedAt = await statusTimes('lost', 'order.received');
    expect(asked?.body['at']).toBe(new Date(receivedAt + 30 * DAY_MS).toISOString());
    for (let nr = 0; nr < 2; nr++) await due('return-window', 'lost');
    const order = await shop.order('lost');
    expect(order.status).toBe('completed');
    expect(order.history.filter(({ event }) => event === 'order.completed')).toHaveLength(1);
  });

  it('is not, while its return is under way', async () => {
    await shop.shipped('returning');
    await shop.do('returning', 'receive', { signedBy: 'Ada' });
    await shop.do('returning', 'return', { reason: 'It does not fit' });
    await until('it is taken back', async () =>
      (await cancelledReminders()).includes(idOf('return-window', 'returning')),
    );
    await due('return-window', 'returning');
    expect((await shop.order('returning')).status).toBe('return-requested');
  });
});
