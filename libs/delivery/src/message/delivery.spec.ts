import { jest } from '@jest/globals';
import { codeOf, fakeDelivery, fakeMessage } from '../message.fixture.js';
import { currentMessage, withCurrentMessage } from './current-message.js';
import { Delivery } from './delivery.js';
import { parseDeliveryToken } from './delivery-token.js';

describe('a delivery token', () => {
  const expected = {
    stream: 'EVENTS_order',
    consumer: 'g',
    attempt: 3,
    sequence: 42,
    deliverySequence: 40,
    storedAtMs: 1_700_000_000_123,
  };

  it('is read without a domain', () =>
    expect(parseDeliveryToken('$JS.ACK.EVENTS_order.g.3.42.40.1700000000123456789.5')).toEqual(expected));

  it('is read with domain and account, and with the random token behind', () => {
    const reply = '$JS.ACK.hub.ACCHASH.EVENTS_order.g.3.42.40.1700000000123456789.5';
    expect(parseDeliveryToken(reply)).toEqual(expected);
    expect(parseDeliveryToken(`${reply}.xyz`)).toEqual(expected);
  });

  it.each(['', '_INBOX.abc', '$JS.ACK.S.g.1.2.3.4', '$JS.API.CONSUMER.MSG.NEXT.a.b.c.d.e'])(
    'is not %p',
    (reply) => expect(() => parseDeliveryToken(reply)).toThrow(TypeError),
  );
});

describe('Delivery', () => {
  it('tells where and when it was stored, and how often it was delivered', () => {
    const message = fakeDelivery({ sequence: 9, attempt: 2, body: 'x', headers: { a: 'b' } });
    expect(message).toMatchObject({
      stream: 'S',
      sequence: 9,
      attempt: 2,
      group: 'g',
      subject: 'orders.paid.k',
    });
    expect(message.storedAt).toEqual(new Date(1_700_000_000_123));
    expect(message.headers).toEqual({ a: 'b' });
  });

  it('has a signal that aborts while it is looked at', () => {
    const message = fakeDelivery();
    const { signal } = message;
    const reason = new Error('over');
    message.abort(reason);
    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  });

  it('has an aborted signal where it is first looked at afterwards; the first reason stands', () => {
    const message = fakeDelivery();
    const reason = new Error('first');
    message.abort(reason);
    message.abort(new Error('second'));
    expect(message.signal.reason).toBe(reason);
    expect(message.signal).toBe(message.signal);
  });

  it('extends through its lease', () => {
    const extend = jest.fn();
    fakeDelivery({ lease: { extend } }).extend();
    expect(extend).toHaveBeenCalledTimes(1);
  });

  it('says which message has headers that cannot be read, for good', () => {
    const message = fakeMessage({ sequence: 3 });
    Object.defineProperty(message, 'headers', {
      get: () => {
        throw new Error("'bad name' is not a valid character for a header key");
      },
    });
    const delivery = new Delivery(message, 'g', { extend: () => undefined });
    expect(codeOf(() => delivery.headers)).toBe('EVENT_UNREADABLE');
    expect(() => delivery.headers).toThrow('S 3');
  });
});

describe('the current message', () => {
  it('is the one being handled, through awaits, and none outside', async () => {
    const [a, b] = [fakeDelivery({ sequence: 1 }), fakeDelivery({ sequence: 2 })];
    const handle = async (): Promise<number | undefined> => {
      await Promise.resolve();
      return currentMessage()?.sequence;
    };
    expect(
      await Promise.all([withCurrentMessage(a, handle), withCurrentMessage(b, handle), handle()]),
    ).toEqual([1, 2, undefined]);
  });
});
