import { ContractRegistry } from '@millrace/core';
import { paidEvent, refundedEvent } from '../contracts.fixture.js';
import {
  contextsOf,
  filterFor,
  ResolvedTarget,
  resolveTarget,
  SubscriptionTarget,
  wants,
} from './subscription.target.js';

const resolve = (target: SubscriptionTarget): ResolvedTarget => {
  const registry = new ContractRegistry();
  return resolveTarget(target, (event) => registry.register(event));
};

describe('a subscription target', () => {
  it.each([
    ['order.paid', ['order'], 'events.order.paid.*'],
    ['order.*', ['order'], 'events.order.*.*'],
    ['order.>', ['order'], 'events.order.*.*'],
    ['*.paid', undefined, 'events.order.paid.*'],
    ['>', undefined, 'events.order.*.*'],
  ])('%s names contexts %j and filters by %s', (pattern, contexts, filter) => {
    const target = resolve(pattern);
    expect(contextsOf(target)).toEqual(contexts);
    expect(filterFor(target, 'order')).toBe(filter);
  });

  it('of one class filters by its event', () => {
    const target = resolve(paidEvent('order'));
    expect(target.text).toBe('order.paid');
    expect(filterFor(target, 'order')).toBe('events.order.paid.*');
  });

  it('of several classes takes each context with one filter, and wants no more than it names', () => {
    const target = resolve([paidEvent('order'), refundedEvent('order'), paidEvent('invoice')]);
    expect(contextsOf(target)).toEqual(['order', 'invoice']);
    expect(filterFor(target, 'order')).toBe('events.order.*.*');
    expect(filterFor(target, 'invoice')).toBe('events.invoice.paid.*');
    expect(wants(target, 'order', 'refunded')).toBe(true);
    expect(wants(target, 'order', 'shipped')).toBe(false);
    expect(wants(target, 'invoice', 'refunded')).toBe(false);
  });

  it('of two versions of one event is one filter', () => {
    const target = resolve([paidEvent('order', 1), paidEvent('order', 2)]);
    expect(filterFor(target, 'order')).toBe('events.order.paid.*');
    expect(target.text).toBe('order.paid');
  });

  it.each(['', 'order', 'a.b.c', 'or der.paid', 'order.paid.', '.paid', 'order.p*'])(
    'refuses %j',
    (pattern) => {
      expect(() => resolve(pattern)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
    },
  );

  it('refuses no class at all, and a class that is no event', () => {
    expect(() => resolve([])).toThrow('no event at all');
    expect(() => resolve(class Plain {})).toThrow('is not an event');
  });
});
