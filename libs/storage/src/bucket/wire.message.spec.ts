import { decodeAttribute } from '@millrace/core';
import { valueMessage, wireSize } from './wire.message.js';

const payload = new TextEncoder().encode('{"n":1}');

describe('valueMessage', () => {
  it('carries an id of its own and nothing that is not needed', () => {
    const message = valueMessage('users', { key: 'ann', payload });
    expect(message).toMatchObject({ subject: '$KV.users.ann', payload });
    expect([...message.headers]).toEqual([['Nats-Msg-Id', [message.messageId]]]);
    expect(valueMessage('users', { key: 'ann', payload }).messageId).not.toBe(message.messageId);
  });

  it('states what it expects, also that there is nothing', () => {
    const expected = (revision: number): string =>
      valueMessage('users', { key: 'ann', payload, expected: revision }).headers.get(
        'Nats-Expected-Last-Subject-Sequence',
      );
    expect([expected(0), expected(7)]).toEqual(['0', '7']);
  });

  it('marks a deletion as key-value clients do', () => {
    const message = valueMessage('users', { key: 'ann', payload: null });
    expect(message.headers.get('KV-Operation')).toBe('DEL');
    expect(message.payload).toHaveLength(0);
  });

  it('tells the key where the subject cannot', () => {
    const key = 'long key '.repeat(100);
    expect(decodeAttribute(valueMessage('users', { key, payload }).headers.get('ce-subject'))).toBe(key);
  });
});

describe('wireSize', () => {
  it('is no less than what is sent', () => {
    const message = valueMessage('users', { key: 'ü'.repeat(1000), payload, expected: 3 });
    expect(wireSize(message)).toBeGreaterThanOrEqual(
      payload.length + Buffer.byteLength(String([...message.headers])),
    );
  });
});
