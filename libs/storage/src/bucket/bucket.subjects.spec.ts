import { encodeKey, parseEventSubject } from '@millrace/core';
import { keyTokenOf, outboxSubject, relayedSubject, valueSubject } from './bucket.subjects.js';

describe('subjects', () => {
  it('keep a hostile key in one token', () => {
    expect(valueSubject('users', 'a b.*')).toBe('$KV.users.a=20b=2E=2A');
    expect(keyTokenOf('users', '$KV.users.a=20b')).toBe('a=20b');
  });

  it('lead from an outbox entry to the event it becomes', () => {
    const name = { context: 'order', event: 'paid' };
    const entry = outboxSubject({ bucket: 'orders', name, keyToken: encodeKey('a.b'), unique: '1-2' });
    expect(entry).toBe('outbox.orders.order.paid.a=2Eb.1-2');
    expect(parseEventSubject(relayedSubject(entry))).toMatchObject({ ...name, key: 'a.b' });
  });
});
