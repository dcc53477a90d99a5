import { randomBytes, randomUUID } from 'node:crypto';
import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/http.client.js';
import { linesOf, LOG_EVERYTHING } from '../support/log.lines.js';
import { LINES, plainOrder, System } from '../support/system.js';

const PATIENCE_MS = 30_000;

/** What no log may hold, each found nowhere else. */
const ADDRESS = {
  name: 'Zenobia Quarles',
  street: '41 Hushed Alley',
  postalCode: 'QX-90817',
  city: 'Nirgendheim',
  country: 'GB',
};
const EMAIL = 'zenobia.quarles@hidden.example';
const CONTACT = { email: EMAIL, phone: '+44 7700 900417' };
const SIGNATURE = { signedBy: 'Zenobia Q. Signatory', signature: 'c2VjcmV0LXN0cm9rZXM' };
const PROTECTED = [
  ...['name', 'street', 'postalCode', 'city'].map((part) => ADDRESS[part as keyof typeof ADDRESS]),
  EMAIL,
  CONTACT.phone,
  SIGNATURE.signedBy,
  SIGNATURE.signature,
];

/** Of people who are served, where those above are refused. */
const guest = (name: string) => ({ name, email: `${randomUUID()}@unlisted.example` });
const WEBHOOK = {
  url: 'https://127.0.0.1:1/untold-path?token=9f8e7d',
  secret: `whsec_${Buffer.alloc(32, 'shared and untold').toString('base64')}`,
};
const HOSTS = { WEBHOOK_HOSTS: '127.0.0.1:1' };
const RECIPIENT = 'Yolanda R. Recipient';

const expectSilence = (apps: readonly AppProcess[], secrets: readonly string[]): void => {
  const logged = apps.map(({ output }) => output).join('\n');
  for (const secret of secrets) {
    expect(logged).not.toContain(secret);
    expect(logged).not.toContain(encodeURIComponent(secret));
  }
};

describe('the logs hold nothing that is protected', () => {
  let system: System;
  let user: AppProcess;
  let order: AppProcess;
  let scheduler: AppProcess;

  beforeAll(async () => {
    system = await System.start();
    [user, order, scheduler] = await Promise.all([
      system.startApp('user', { ...LOG_EVERYTHING, ...HOSTS }),
      system.startApp('order', LOG_EVERYTHING),
      system.startApp('scheduler', LOG_EVERYTHING),
    ]);
  }, 90_000);
  afterAll(() => system?.stop());

  const does = async (id: string, action: string, body: object = {}): Promise<void> => {
    const answer = await order.post(`/orders/${id}/${action}`, body);
    expect({ action, answer }).toMatchObject({ answer: { status: 200 } });
  };
  const reaches = (id: string, status: string): Promise<void> =>
    eventually(async () => {
      expect(await order.get(`/orders/${id}`)).toMatchObject({ status: 200, body: { status } });
    }, PATIENCE_MS);

  it('of a user who registers, changes and is notified, and of an order from its creation to its receipt', async () => {
    const [before, after] = [guest('Quintessa Vellum'), guest('Quintessa Morrow')];
    const registered = await user.post('/users', before);
    expect(registered).toMatchObject({ status: 201, body: before });
    const userId = String(registered.body['id']);
    const profile = `${user.url}/users/${userId}`;
    expect(await request('PATCH', profile, after)).toMatchObject({ status: 200, body: after });
    const channels = [{ channel: 'webhook', settings: WEBHOOK }];
    expect(await request('PUT', `${profile}/notification-preferences`, { channels })).toMatchObject({
      status: 200,
      body: { channels: [{ settings: { url: WEBHOOK.url } }] },
    });

    const created = await order.post('/orders', {
      userId,
      lines: LINES,
      currency: 'EUR',
      address: ADDRESS,
      contact: CONTACT,
    });
    expect(created).toMatchObject({ status: 201, body: { address: ADDRESS, contact: CONTACT } });
    const id = String(created.body['id']);
    await does(id, 'confirm');
    await reaches(id, 'processing');
    await does(id, 'sign', { signedBy: SIGNATURE.signedBy });
    await reaches(id, 'shipped');
    await does(id, 'receive', { signedBy: RECIPIENT });
    await eventually(() => {
      const told = (app: AppProcess, type: string, group: string): void =>
        expect(linesOf(app)).toContainEqual(expect.objectContaining({ context: 'Event', type, group }));
      for (const type of ['order.created', 'order.signed', 'order.received'])
        told(user, type, 'user-notifications');
      for (const type of ['user.registered', 'user.updated']) told(user, type, 'user-notifications');
      // There is nobody behind the webhook: that is told, with all that there is to tell of it.
      told(user, 'notification.due', 'user-channel-webhook');
      told(order, 'shipment.booked', 'order-fulfilment');
      told(scheduler, 'reminder.requested', 'scheduler-reminders');
    }, PATIENCE_MS);
    expectSilence(
      [user, order, scheduler],
      [
        ...PROTECTED,
        before.name,
        after.name,
        'unlisted.example',
        ...Object.values(WEBHOOK),
        'untold-path',
        '9f8e7d',
        RECIPIENT,
      ],
    );
  }, 120_000);

  it('of what is refused, dead, or cannot be decrypted', async () => {
    const email = `${randomUUID()}.${EMAIL}`;
    const { status, body: ada } = await user.post('/users', { name: 'Ada', email });
    expect(status).toBe(201);
    const whole = { userId: ada['id'], lines: LINES, currency: 'EUR', address: ADDRESS };
    const taken = await order.post('/orders', whole);
    expect(taken.status).toBe(201);
    const id = String(taken.body['id']);
    const encoded = JSON.stringify({ ...whole, address: ADDRESS, contact: CONTACT });

    // What the apps refuse.
    const refused = [
      await user.post('/users', { name: 'Ada', email }),
      await user.post('/users', { name: 'Ada', email: `${EMAIL} ${EMAIL}`, [EMAIL]: EMAIL }),
      await order.post('/orders', { ...whole, currency: EMAIL, address: { ...ADDRESS, country: EMAIL } }),
      await order.post(`/orders/${id}/sign`, { ...SIGNATURE, surplus: SIGNATURE }),
      await order.get(`/orders/${encodeURIComponent(EMAIL)}?userId=${encodeURIComponent(EMAIL)}`),
      await order.get(`/${encodeURIComponent(EMAIL)}?street=${encodeURIComponent(ADDRESS.street)}`),
    ];
    for (const answer of refused)
      expect({ answer, client: answer.status >= 400 && answer.status < 500 }).toMatchObject({ client: true });
    for (const text of [
      encoded.slice(1),
      encoded.slice(0, -1),
      JSON.stringify(ADDRESS.street).slice(0, -1),
      ADDRESS.street,
    ]) {
      const response = await fetch(`${order.url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      expect(response.status).toBe(400);
    }

    // What goes to the dead letters.
    const orderId = randomUUID();
    const plain = { ...plainOrder('ann', orderId), address: ADDRESS, contact: CONTACT };
    const events = [
      JSON.stringify({ ...plain, address: { ...ADDRESS, country: EMAIL } }),
      JSON.stringify({ ...plain, address: EMAIL, contact: ADDRESS.street }),
      `${JSON.stringify(plain)} ${EMAIL}`,
      JSON.stringify(plain).slice(0, -1),
      ADDRESS.postalCode,
      `{"street": ${ADDRESS.street}}`,
    ];
    for (const text of events) await system.client.publish(`events.order.created.${orderId}`, text);
    const letters = await eventually(async () => {
      const found = await system.client.read('DEAD_LETTERS', `dead.order.created.*.${orderId}`);
      expect(found.length % events.length).toBe(0);
      expect(found.length).toBeGreaterThanOrEqual(events.length);
      return found;
    });
    for (const { headers } of letters) {
      for (const secret of PROTECTED) expect(JSON.stringify(headers)).not.toContain(secret);
    }

    // What cannot be decrypted is a 500.
    const stranger = await system.startApp('order', {
      ...LOG_EVERYTHING,
      ENCRYPTION_KEYS: `other:${randomBytes(32).toString('base64')}`,
    });
    expect(await stranger.get(`/orders/${id}`)).toMatchObject({ status: 500, body: { code: 'KEY_UNKNOWN' } });
    await stranger.end('SIGTERM');

    await eventually(() => {
      const errors = [user, order].flatMap(linesOf).filter(({ level }) => level === 'error');
      expect(errors.length).toBeGreaterThanOrEqual(letters.length);
      expect(linesOf(stranger).map(({ level }) => level)).toContain('error');
    });
    expectSilence([user, order, scheduler, stranger], PROTECTED);
  }, 60_000);
});
