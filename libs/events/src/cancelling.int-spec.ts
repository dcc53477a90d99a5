import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { paidEvent } from './contracts.fixture.js';
import { closeApps, freshContext, startApp, until } from './app.fixture.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(closeApps);
afterAll(() => server.stop());

describe('an event that waits', () => {
  it('comes due at its instant; one that has passed is published at once', async () => {
    const OrderPaid = paidEvent(freshContext());
    const arrived: { key: string | undefined; at: number }[] = [];
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(OrderPaid, (_, { key }) => void arrived.push({ key, at: Date.now() }), {
      group: 'late',
    });
    const at = new Date(Date.now() + 700);
    await bus.publish(new OrderPaid({ orderId: 'future', amountCents: 1 }), { at });
    await bus.publish(new OrderPaid({ orderId: 'past', amountCents: 1 }), { at: new Date(0) });
    await until('both to arrive', () => arrived.length === 2);
    expect(arrived.map(({ key }) => key)).toEqual(['past', 'future']);
    expect(arrived[1]!.at).toBeGreaterThanOrEqual(at.getTime());
  });

  it('is taken back, and never comes; one that has come due is not', async () => {
    const OrderPaid = paidEvent(freshContext());
    const arrived: (string | undefined)[] = [];
    const { bus } = await startApp({ url: server.url });
    await bus.subscribe(OrderPaid, (_, { key }) => void arrived.push(key), { group: 'late' });
    const publish = (orderId: string) =>
      bus.publish(new OrderPaid({ orderId, amountCents: 1 }), { delay: '500ms' });
    const cancelled = await publish('cancelled');
    const byId = await publish('by id');
    const kept = await publish('kept');
    expect(await bus.cancel(cancelled)).toBe(true);
    expect(await bus.cancel(cancelled)).toBe(false);
    expect(await bus.cancel(byId.messageId)).toBe(true);
    await until('the one that was kept', () => arrived.length > 0);
    expect(await bus.cancel(kept)).toBe(false);
    // Whatever was to come with it has come before this one.
    await publish('after');
    await until('the last one', () => arrived.includes('after'));
    expect(arrived).toEqual(['kept', 'after']);
  });

  it('is not looked for under an id that none can have', async () => {
    const { bus } = await startApp({ url: server.url });
    await expect(bus.cancel('half a pair: \ud800')).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('is refused with a delay and an instant, or an instant that is none', async () => {
    const OrderPaid = paidEvent(freshContext());
    const { bus } = await startApp({ url: server.url });
    const event = new OrderPaid({ orderId: 'o', amountCents: 1 });
    await expect(bus.publish(event, { delay: '1s', at: new Date() })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    await expect(bus.publish(event, { at: new Date(Number.NaN) })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
