import { encodeKey } from '../subjects/key-token.js';
import { EventName, eventSubject, ParsedEventSubject, parseEventSubject } from '../subjects/event-subject.js';
import { OutgoingAttributes, readEventAttributes, writeEventHeaders } from './cloud-event.js';
import { encodeAttribute, HeaderMap, readHeaders } from './header-value.js';

const NAME: EventName = { context: 'order', event: 'paid' };
const STORED = { stream: 'EVENTS_order', sequence: 7, time: new Date('2026-01-02T03:04:05.678Z') };
const LONG_KEY = `${'🙂'.repeat(200)} "100%"`;

const EVENT: OutgoingAttributes = {
  id: 'id 1',
  source: 'shop é',
  type: 'order.paid',
  version: 3,
  key: 'k.1',
  timeMs: Date.parse('2025-05-05T05:05:05.005Z'),
  contentType: 'application/json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

const parsed = (subject: string): ParsedEventSubject => {
  const result = parseEventSubject(subject);
  if (!result) throw new Error(`${subject} is not an event's`);
  return result;
};
const read = (headers: HeaderMap, key?: string) =>
  readEventAttributes(headers, parsed(eventSubject(NAME, key)), STORED);

it('writes CloudEvents 1.0 in binary mode', () => {
  expect(readHeaders(writeEventHeaders(EVENT, { 'x-tenant': 'acme' }))).toEqual({
    'x-tenant': 'acme',
    'Nats-Msg-Id': 'id%201',
    'ce-specversion': '1.0',
    'ce-id': 'id%201',
    'ce-source': 'shop%20%C3%A9',
    'ce-type': 'order.paid',
    'ce-eventversion': '3',
    'ce-time': '2025-05-05T05:05:05.005Z',
    'ce-subject': 'k.1',
    'content-type': 'application/json',
    traceparent: EVENT.traceparent,
  });
});

it.each([undefined, '', '_', 'k.1', LONG_KEY])('reads back what it wrote, with the key %j', (key) => {
  const headers = readHeaders(writeEventHeaders({ ...EVENT, key }, undefined));
  expect(read(headers, key)).toEqual({
    id: EVENT.id,
    source: EVENT.source,
    type: EVENT.type,
    version: 3,
    time: new Date(EVENT.timeMs),
    key,
    traceparent: EVENT.traceparent,
  });
});

it('never lets a header of the user replace an attribute', () => {
  const headers = writeEventHeaders(EVENT, {
    traceparent: 'mine',
    'content-type': 'text/plain',
    'ce-id': 'mine',
  });
  expect([headers.get('traceparent'), headers.get('content-type'), headers.get('ce-id')]).toEqual([
    EVENT.traceparent,
    'application/json',
    'id%201',
  ]);
});

it('fills in what a bare NATS client leaves out', () => {
  expect(read({}, 'o-1')).toEqual({
    id: 'EVENTS_order:7',
    source: 'nats',
    type: 'order.paid',
    version: undefined,
    time: STORED.time,
    key: 'o-1',
    traceparent: undefined,
  });
});

it("takes the message id for the event's, where only that is given", () => {
  expect(read({ 'Nats-Msg-Id': 'mine%201' }).id).toBe('mine 1');
  expect(read({ 'Nats-Msg-Id': 'mine', 'ce-id': 'theirs' }).id).toBe('theirs');
});

it('takes an empty attribute for an absent one', () => {
  expect(read({ 'ce-id': '', 'ce-source': '', 'ce-time': '', 'ce-eventversion': '' })).toMatchObject({
    id: 'EVENTS_order:7',
    source: 'nats',
    time: STORED.time,
    version: undefined,
  });
  expect(read({ 'ce-id': '', 'Nats-Msg-Id': 'm' }).id).toBe('m');
});

it.each(['0', '-1', '1.5', 'two', 'NaN', '9007199254740993'])(
  'does not believe the version %s',
  (version) => {
    expect(read({ 'ce-eventversion': version }).version).toBeUndefined();
  },
);

it('does not believe a malformed time', () => {
  expect(read({ 'ce-time': 'yesterday' }).time).toBe(STORED.time);
});

describe('the key', () => {
  it('comes from the header where the subject holds its hash', () => {
    expect(read({ 'ce-subject': encodeAttribute(LONG_KEY) }, LONG_KEY).key).toBe(LONG_KEY);
  });

  it('stays the hash where the header disagrees, is malformed or is missing', () => {
    const token = encodeKey(LONG_KEY);
    for (const header of [encodeAttribute(`${LONG_KEY}!`), 'short', '%zz', '']) {
      expect(read({ 'ce-subject': header }, LONG_KEY).key).toBe(token);
    }
    expect(read({}, LONG_KEY).key).toBe(token);
  });

  it('comes from the subject alone where that holds it whole', () => {
    expect(read({ 'ce-subject': 'another' }, 'o-1').key).toBe('o-1');
    expect(read({ 'ce-subject': 'another' }).key).toBeUndefined();
  });
});
