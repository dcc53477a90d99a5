import { ContractRegistry, MillraceError, Right } from '@millrace/core';
import { paidEvent } from '../contracts.fixture.js';
import { resolveOptions, SubscribeOptions } from '../routing/subscription.options.js';
import { resolveTarget, SubscriptionTarget } from '../routing/subscription.target.js';
import { SubscriberRightsOptions, subscriberRights } from './subscriber.rights.js';

const rightsOf = (
  target: SubscriptionTarget,
  options: SubscribeOptions = {},
  advisories: SubscriberRightsOptions['advisories'] = 'none',
): Right[] => {
  const registry = new ContractRegistry();
  const plan = {
    target: resolveTarget(target, (event) => registry.register(event)),
    options: resolveOptions(options, {}, 'receipts'),
  };
  return subscriberRights([plan], { app: 'shop', advisories });
};
const codeOf = (task: () => unknown): unknown => {
  try {
    return task();
  } catch (error) {
    return error instanceof MillraceError ? error.code : error;
  }
};
const subjectsOf = (rights: Right[]): string[] => rights.map(({ subject }) => subject);

describe('what a subscriber needs', () => {
  it('is to take and to acknowledge what its group gets, and to store its dead letters', () => {
    const subjects = subjectsOf(rightsOf(paidEvent('sale')));
    expect(subjects).toEqual(
      expect.arrayContaining([
        '$JS.API.STREAM.INFO.EVENTS_sale',
        '$JS.API.CONSUMER.INFO.EVENTS_sale.receipts',
        '$JS.API.CONSUMER.MSG.NEXT.EVENTS_sale.receipts',
        '$JS.ACK.EVENTS_sale.receipts.>',
        'dead.sale.paid.receipts.*',
      ]),
    );
    expect(subjects).not.toContain('>');
    expect(subjects.filter((subject) => /CONSUMER\.(CREATE|DELETE)|^events\./.test(subject))).toEqual([]);
  });

  it('is, where each replica gets every event, to make consumers of that event', () => {
    const subjects = subjectsOf(rightsOf('sale.paid', { mode: 'broadcast' }));
    expect(subjects).toContain('$JS.API.CONSUMER.CREATE.EVENTS_sale.*.events.sale.paid.*');
    expect(subjects).not.toContain('$JS.API.CONSUMER.CREATE.EVENTS_sale');
  });

  it('is, where order is asked for, each partition', () => {
    const taken = subjectsOf(rightsOf('sale.paid', { ordered: true, partitions: 3 })).filter((subject) =>
      subject.startsWith('$JS.API.CONSUMER.MSG.NEXT.'),
    );
    expect(new Set(taken).size).toBe(3);
  });

  it('has no bounds for all contexts, nor for what the server gives up of all applications', () => {
    for (const unbounded of [() => rightsOf('*.paid'), () => rightsOf('sale.paid', {}, 'all')])
      expect(codeOf(unbounded)).toBe('RIGHTS_UNBOUNDED');
  });
});
