import { Injectable } from '@nestjs/common';
import { HealthRegistry } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { allDeadLetters, closeApps, freshContext, startApp, until } from './app.fixture.js';
import { Paid, paidEvent } from './contracts.fixture.js';
import { constant, Groups, PermanentError, Subscribe } from './index.js';

class Declined extends Error {}

describe('what keeps a subscriber from its events', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  const paid = (orderId: string): { orderId: string; amountCents: number } => ({ orderId, amountCents: 1 });

  it('fails by kind: once, or as often as its attempts allow', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    const calls: string[] = [];
    @Injectable()
    class Payments {
      @Subscribe(OrderPaid, {
        group: `${context}-pay`,
        retry: { attempts: 3, backoff: constant(0), deadLetterOn: Declined },
      })
      pay({ orderId }: { orderId: string }): void {
        calls.push(orderId);
        throw orderId === 'declined' ? new Declined('no funds') : new Error('busy');
      }
    }
    const { bus, deadLetters } = await startApp({ url: server.url, providers: [Payments] });
    await bus.publishAll([new OrderPaid(paid('declined')), new OrderPaid(paid('busy'))]);
    await until('both to be given up', async () => (await allDeadLetters(deadLetters)).length === 2);
    expect(calls.sort()).toEqual(['busy', 'busy', 'busy', 'declined']);
  });

  it('is an open circuit, which health tells of, and which invalid events do not open', async () => {
    const context = freshContext();
    const OrderPaid = paidEvent(context);
    let isUp = false;
    let wrong = 0;
    const handled: string[] = [];
    @Injectable()
    class Receipts {
      @Subscribe(OrderPaid, {
        group: `${context}-receipts`,
        retry: { attempts: 20, backoff: constant(50) },
        circuitBreaker: { failures: 3, openFor: '400ms' },
      })
      send({ orderId }: { orderId: string }): void {
        if (orderId === 'wrong') {
          wrong++;
          throw new PermanentError('no such order');
        }
        if (!isUp) throw new Error('no printer');
        handled.push(orderId);
      }
    }
    const { app, bus } = await startApp({ url: server.url, providers: [Receipts] });
    const health = app.get(HealthRegistry);
    const [subscription] = bus.subscriptions();
    for (let i = 0; i < 5; i++) await bus.publish(new OrderPaid(paid('wrong')));
    await until('those to be put aside', () => wrong === 5);
    expect(health.report()).toEqual([
      { name: `${context}-receipts`, kind: 'subscriber', state: 'consuming', degraded: false },
    ]);
    for (const id of ['a', 'b', 'c']) await bus.publish(new OrderPaid(paid(id)));
    await until('it to open', () => subscription?.circuit?.state === 'open');
    expect(health.report()).toEqual([
      expect.objectContaining({
        state: 'circuit-open',
        degraded: true,
        reason: expect.stringContaining('no printer') as string,
      }),
    ]);
    isUp = true;
    await until('all of them', () => handled.length === 3);
    expect(subscription?.circuit?.state).toBe('closed');
  });

  it('is a pause, which a context of its pattern that comes later is a part of', async () => {
    const [first, later] = [freshContext(), freshContext()];
    const [Early, Late] = [paidEvent(first), paidEvent(later)];
    const handled: string[] = [];
    const { app, bus, connection } = await startApp({ url: server.url });
    await bus.publish(new Early(paid('0')));
    const group = `${first}-all`;
    const note = (event: unknown): void => void handled.push((event as Paid).orderId);
    const subscription = await bus.subscribe('*.paid', note, { group });
    await until('the first', () => handled.includes('0'));
    await subscription.pause();
    expect(subscription.health).toMatchObject({ state: 'paused', degraded: true });
    await bus.publish(new Late(paid('2')));
    await until('the later context', () => subscription.contextNames.includes(later));
    await until('its pause', async () => {
      // The context is known before its consumer is there.
      const info = await connection.jsm.consumers.info(`EVENTS_${later}`, group).catch(() => undefined);
      return info?.paused === true;
    });
    await bus.publish(new Early(paid('1')));
    const found = await app.get(Groups).resume(group);
    expect(found.length).toBeGreaterThanOrEqual(2);
    await until('the others', () => handled.includes('1') && handled.includes('2'));
  });
});
