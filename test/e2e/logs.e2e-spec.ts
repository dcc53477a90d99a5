import { randomBytes, randomUUID } from 'node:crypto';
import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { LINES, plainOrder, registerUser, System } from '../support/system.js';

interface Line {
  level: string;
  context?: string;
  message: string;
  app: string;
  traceId?: string;
  requestId?: string;
  orderId?: string;
  userId?: string;
  [more: string]: unknown;
}

const SETTINGS = { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' };

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

const linesOf = (app: AppProcess): Line[] =>
  app.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

describe('the logs', () => {
  let system: System;
  let user: AppProcess;
  let order: AppProcess;

  beforeAll(async () => {
    system = await System.start();
    [user, order] = await Promise.all([
      system.startApp('user', SETTINGS),
      system.startApp('order', SETTINGS),
    ]);
  }, 60_000);
  afterAll(() => system.stop());

  const createOrder = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
    eventually(async () => {
      const response = await fetch(`${order.url}/orders`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(201);
      return response;
    });

  it('are lines of JSON that say what they are about', async () => {
    const userId = await registerUser(user);
    await user.get(`/users/${userId}`);
    await eventually(() => {
      const asked = linesOf(user).find(({ route }) => route === '/users/:id');
      expect(asked).toMatchObject({
        level: 'log',
        context: 'Request',
        message: 'answered',
        app: 'user',
        userId,
        method: 'GET',
        status: 200,
        ms: expect.any(Number),
        actor: 'anonymous',
        requestId: expect.stringMatching(/^[\w-]{36}$/),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    });
  });

  it('show one trace through both apps, from the request on', async () => {
    const userId = await registerUser(user);
    const traceId = randomBytes(16).toString('hex');
    const requestId = randomUUID();
    const response = await createOrder(
      { userId, lines: LINES, currency: 'EUR' },
      { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': requestId },
    );
    expect(response.headers.get('x-request-id')).toBe(requestId);
    expect(response.headers.get('traceparent')).toMatch(new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)`));
    const { id: orderId } = (await response.json()) as { id: string };
    await eventually(() => {
      const told = (app: AppProcess): Line[] => linesOf(app).filter((line) => line.traceId === traceId);
      expect(told(order)).toContainEqual(
        expect.objectContaining({ context: 'Request', route: '/orders', status: 201, requestId, userId }),
      );
      expect(told(order)).toContainEqual(
        expect.objectContaining({ context: 'Event', type: 'order.created', outcome: 'ack', orderId, userId }),
      );
      expect(told(user)).toContainEqual(
        expect.objectContaining({ context: 'Event', type: 'order.created', outcome: 'ack', orderId, userId }),
      );
    });
  });

  it('begin a trace where the request has none that can be believed', async () => {
    for (const traceparent of ['nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]) {
      const response = await fetch(`${user.url}/users`, {
        headers: { traceparent, 'x-request-id': 'a b\u00e9' },
      });
      expect(response.headers.get('traceparent')).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    }
  });

  it('hold nothing that is protected, whatever goes well or wrong with it', async () => {
    const { status, body: ada } = await user.post('/users', { name: 'Ada', email: EMAIL });
    expect(status).toBe(201);
    const whole = { userId: ada['id'], lines: LINES, currency: 'EUR', address: ADDRESS };
    const { id } = (await (await createOrder(whole)).json()) as { id: string };
    const encoded = JSON.stringify({ ...whole, address: ADDRESS, contact: CONTACT });

    // What the apps refuse.
    const refused = [
      await user.post('/users', { name: 'Ada', email: EMAIL }),
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
      ...SETTINGS,
      ENCRYPTION_KEYS: `other:${randomBytes(32).toString('base64')}`,
    });
    expect(await stranger.get(`/orders/${id}`)).toMatchObject({ status: 500, body: { code: 'KEY_UNKNOWN' } });
    await stranger.end('SIGTERM');

    await eventually(() => {
      const errors = [user, order].flatMap(linesOf).filter(({ level }) => level === 'error');
      expect(errors.length).toBeGreaterThanOrEqual(letters.length);
      expect(linesOf(stranger).map(({ level }) => level)).toContain('error');
    });
    const logged = [user, order, stranger].map(({ output }) => output).join('\n');
    for (const secret of PROTECTED) expect(logged).not.toContain(secret);
    for (const secret of PROTECTED) expect(logged).not.toContain(encodeURIComponent(secret));
  }, 60_000);

  it('are for people where nobody asks for JSON', async () => {
    const pretty = await system.startApp('scheduler');
    await pretty.get('/timer');
    await eventually(() => {
      expect(pretty.output).toMatch(
        /\[Request\] .*traceId=[0-9a-f]{32}.* answered \{ method: 'GET', route: '\/timer'/,
      );
    });
  });
});
