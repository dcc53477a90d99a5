import { IsString } from 'class-validator';
import { jsonCodec } from '../codec/json.codec.js';
import { FakeClock } from '../fake-clock.fixture.js';
import { readHeaders } from '../headers/header-value.js';
import { traceIdOf } from '../headers/trace-context.js';
import { thrownBy } from '../thrown.fixture.js';
import { Event, eventContractOf } from './event.decorator.js';
import { encodeEvent, EncodeOptions, validateEvent } from './event.encoder.js';

@Event('order.paid', { version: 2, key: 'orderId' })
class OrderPaid {
  @IsString() orderId!: string;
  amount?: unknown;
}

const CONTRACT = eventContractOf(OrderPaid);
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

const encode = (options: EncodeOptions = {}, event: object = { orderId: 'o.1' }) =>
  encodeEvent(CONTRACT, event, options, { source: 'shop', codec: jsonCodec, clock: new FakeClock() });

it('gives subject, body and headers, the same for the same event, id and time', () => {
  const encoded = encode({ messageId: 'm-1', headers: { 'x-tenant': 'acme' } });
  expect(encoded).toMatchObject({ subject: 'events.order.paid.o=2E1', messageId: 'm-1', key: 'o.1' });
  expect(jsonCodec.decode(encoded.payload)).toEqual({ orderId: 'o.1' });
  const { traceparent, ...headers } = readHeaders(encoded.headers);
  expect(headers).toEqual({
    'x-tenant': 'acme',
    'Nats-Msg-Id': 'm-1',
    'ce-id': 'm-1',
    'ce-specversion': '1.0',
    'ce-source': 'shop',
    'ce-type': 'order.paid',
    'ce-eventversion': '2',
    'ce-time': '2026-01-02T03:04:05.678Z',
    'ce-subject': 'o.1',
    'content-type': 'application/json',
  });
  expect(traceIdOf(traceparent)).toBeDefined();
  const again = encode({ messageId: 'm-1' });
  expect([again.subject, Buffer.from(again.payload)]).toEqual([
    encoded.subject,
    Buffer.from(encoded.payload),
  ]);
});

it('makes up an id of its own for each event without one', () => {
  const [first, second] = [encode(), encode()];
  expect(first.messageId).toMatch(/^[0-9a-f]{8}-/);
  expect(second.messageId).not.toBe(first.messageId);
  expect(first.headers.get('Nats-Msg-Id')).toBe(first.messageId);
});

it('takes the key of the options in place of the contract’s', () => {
  expect(encode({ key: '' })).toMatchObject({ subject: 'events.order.paid.=', key: '' });
  expect(encode({ key: 'k' }, {})).toMatchObject({ subject: 'events.order.paid.k', key: 'k' });
  expect(thrownBy(() => encode({}, {}))).toMatchObject({ code: 'CONFIG_INVALID' });
});

it('continues the trace of the header, else that of what caused the event', () => {
  const traceOf = (options: EncodeOptions) => traceIdOf(encode(options).headers.get('traceparent'));
  expect(traceOf({ parentTrace: PARENT })).toBe(traceIdOf(PARENT));
  const own = PARENT.replace('0af7', 'ffff');
  expect(traceOf({ parentTrace: PARENT, headers: { traceparent: own } })).toBe(traceIdOf(own));
});

it('refuses headers that are not the user’s to set', () => {
  for (const name of ['Nats-Msg-Id', 'ce-type', 'Millrace-Group']) {
    expect(thrownBy(() => encode({ headers: { [name]: 'x' } }))).toMatchObject({ code: 'CONFIG_INVALID' });
  }
});

it('refuses a message id that could not tell one event from another', () => {
  for (const messageId of ['', '\ud800', 'a\udfff']) {
    expect(thrownBy(() => encode({ messageId }))).toMatchObject({ code: 'CONFIG_INVALID' });
  }
});

it('refuses a key that is not text', () => {
  expect(thrownBy(() => encode({ key: '\ud800' }))).toMatchObject({ code: 'KEY_INVALID' });
});

it('reports what the codec cannot write as an invalid event', () => {
  const circular: Record<string, unknown> = { orderId: 'o' };
  circular['amount'] = circular;
  for (const event of [{ orderId: 'o', amount: 10n }, circular]) {
    expect(thrownBy(() => encode({}, event))).toMatchObject({
      code: 'EVENT_INVALID',
      violations: [{ path: '', constraint: 'isEncodable' }],
    });
  }
});

it('validates under the name of the contract', () => {
  expect(validateEvent(CONTRACT, { orderId: 'o' })).toBeInstanceOf(OrderPaid);
  expect(thrownBy(() => validateEvent(CONTRACT, { orderId: 1 }))).toMatchObject({
    code: 'EVENT_INVALID',
    message: expect.stringContaining('order.paid is not valid: orderId:'),
  });
});
