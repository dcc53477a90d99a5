import { OrderCreated, OrderLine, UserRegistered, UserUnregistered } from '@millrace/contracts';
import { textOf } from './notification.text.js';

const AT = '2026-01-02T03:04:05.000Z';

describe('textOf', () => {
  it('welcomes, confirms, and says goodbye', () => {
    expect(textOf(new UserRegistered({ userId: 'u', name: 'Ada', origin: 'api', registeredAt: AT }))).toBe(
      'Welcome, Ada',
    );
    const order = {
      orderId: 'o-1',
      userId: 'u',
      lines: [new OrderLine({ sku: 'A', quantity: 1, unitPriceCents: 1205 })],
      totalCents: 1205,
      currency: 'EUR',
      createdAt: AT,
    };
    expect(textOf(new OrderCreated(order))).toBe('Your order o-1 over 12.05 EUR was received');
    expect(textOf(new UserUnregistered({ userId: 'u', unregisteredAt: AT }))).toBe(
      'You are unregistered. Goodbye',
    );
  });
});
