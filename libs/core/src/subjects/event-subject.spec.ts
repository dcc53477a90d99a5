import { thrownBy } from '../thrown.fixture.js';
import {
  assertGroup,
  eventStreamName,
  eventStreamSubject,
  eventSubject,
  parseEventName,
  parseEventSubject,
} from './event-subject.js';

const PAID = { context: 'order', event: 'paid' };

it.each([
  [undefined, 'events.order.paid._'],
  ['', 'events.order.paid.='],
  ['_', 'events.order.paid.=5F'],
  ['o-1', 'events.order.paid.o-1'],
  ['a.b', 'events.order.paid.a=2Eb'],
])('writes the key %j into %s, and reads it back', (key, subject) => {
  expect(eventSubject(PAID, key)).toBe(subject);
  const keyToken = subject.split('.')[3];
  expect(parseEventSubject(subject)).toEqual({ ...PAID, keyToken, key });
});

it.each([
  'events.order.paid',
  'events.order.paid.k.l',
  'events.order..k',
  'events.order.paid.',
  'event.order.paid.k',
  'EVENTS.order.paid.k',
  '',
  'events',
])('finds no event in %j', (subject) => {
  expect(parseEventSubject(subject)).toBeUndefined();
});

it.each(['order.paid', 'Order2.line-added', 'a.b', '0.0', 'a_.b_'])('takes the name %s', (name) => {
  const [context, event] = name.split('.');
  expect(parseEventName(name)).toEqual({ context, event });
});

it.each([
  'order',
  'order.',
  '.paid',
  'order.paid.late',
  'order.*',
  'or der.paid',
  '_a.b',
  '-a.b',
  'é.b',
  '',
  'a.b\n',
])('refuses the name %j', (name) => {
  expect(thrownBy(() => parseEventName(name))).toMatchObject({ code: 'CONFIG_INVALID' });
});

it('takes a group that can be part of a consumer name, and no other', () => {
  expect(assertGroup('user-receipts_2')).toBe('user-receipts_2');
  for (const bad of ['', 'a.b', 'a b', '*', 'é', 'x'.repeat(129), 'a\n']) {
    expect(thrownBy(() => assertGroup(bad))).toMatchObject({ code: 'CONFIG_INVALID' });
  }
});

it('names the stream of a context and what it captures', () => {
  expect([eventStreamName('order'), eventStreamSubject('order')]).toEqual([
    'EVENTS_order',
    'events.order.*.*',
  ]);
});
