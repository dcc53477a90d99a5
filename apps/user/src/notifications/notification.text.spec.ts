import * as contracts from '@millrace/contracts';
import { findEventContract } from '@millrace/core';
import { NOTIFICATION_TYPES, NOTIFYING_EVENTS, textOf } from './notification.text.js';

const AT = '2026-01-02T03:04:05.000Z';
const order = { orderId: 'o-1', userId: 'u', actor: 'admin', at: AT };

describe('textOf', () => {
  it('welcomes, confirms, and says goodbye', () => {
    const user = { userId: 'u', name: 'Ada', origin: 'api', registeredAt: AT } as const;
    expect(textOf('user.registered', new contracts.UserRegistered(user))).toBe('Welcome, Ada');
    expect(
      textOf('order.created', {
        ...order,
        lines: [{ sku: 'A', quantity: 1, unitPriceCents: 1205 }],
        totalCents: 1205,
        currency: 'EUR',
        createdAt: AT,
      }),
    ).toBe('Your order o-1 over 12.05 EUR was received');
    expect(textOf('user.unregistered', { userId: 'u', unregisteredAt: AT })).toBe(
      'You are unregistered. Goodbye',
    );
  });

  it('names what was changed, and why something was cancelled', () => {
    const changes: contracts.UserChange[] = ['name', 'email'];
    expect(textOf('user.updated', { userId: 'u', changes, name: 'Ada', updatedAt: AT })).toBe(
      'Your name and email was changed',
    );
    expect(textOf('order.updated', { ...order, changes: ['lines', 'confirmed'], totalCents: 1 })).toBe(
      'Your order o-1 was changed: what is in it, it is confirmed',
    );
    expect(textOf('order.cancelled', { ...order, reason: 'payment-timeout' })).toBe(
      'Your order o-1 was cancelled: it was not paid in time',
    );
  });

  it('says nothing of what is encrypted', () => {
    for (const type of ['order.signed', 'order.received'] as const) {
      expect(textOf(type, { ...order, signedBy: 'Grace Hopper' })).not.toContain('Grace');
    }
  });

  it('has a text for every event of users and orders that the contracts declare', () => {
    const declared = Object.values(contracts).flatMap((exported) => {
      const contract = typeof exported === 'function' ? findEventContract(exported) : undefined;
      return contract && ['user', 'order'].includes(contract.name.context) ? [contract] : [];
    });
    expect(declared.map(({ type }) => type).sort()).toEqual([...NOTIFICATION_TYPES].sort());
    for (const { type, target } of declared) expect(Reflect.get(NOTIFYING_EVENTS, type)).toBe(target);
  });
});
