import { randomBytes, randomUUID } from 'node:crypto';
import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { linesOf, LOG_EVERYTHING, type Line } from '../support/log.lines.js';
import { LINES, registerUser, System } from '../support/system.js';

describe('the logs', () => {
  let system: System;
  let user: AppProcess;
  let order: AppProcess;

  beforeAll(async () => {
    system = await System.start();
    [user, order] = await Promise.all([
      system.startApp('user', LOG_EVERYTHING),
      system.startApp('order', LOG_EVERYTHING),
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
      const registered = linesOf(user).find(({ method, route }) => method === 'POST' && route === '/users');
      expect(registered).toMatchObject({ status: 201, userId });
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
        expect.objectContaining({
          context: 'Request',
          route: '/orders',
          status: 201,
          requestId,
          orderId,
          userId,
        }),
      );
      expect(told(user)).toContainEqual(
        expect.objectContaining({
          context: 'Command',
          type: 'user.find',
          outcome: 'replied',
          ms: expect.any(Number),
          userId,
        }),
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
      expect(response.headers.get('traceparent')).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    }
  });

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
