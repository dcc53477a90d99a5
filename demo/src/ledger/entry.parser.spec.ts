import { headers as createHeaders } from '@nats-io/transport-node';
import { ConsumerLike, parseDeadLetter, parseEvent, parseGroup, parseHandled } from './entry.parser.js';
import { headerReader } from './header.reader.js';

const message = (values: Record<string, string> = {}, subject = 'events.order.created.o1') => {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return { stream: 'EVENTS_order', sequence: 7, subject, storedAt: 1000, headers: headerReader(headers) };
};

const consumer = (
  metadata: Record<string, string>,
  changes: Partial<ConsumerLike['config']> = {},
): ConsumerLike => ({
  name: 'receipts',
  created: '2026-01-02T03:04:05.000Z',
  ack_floor: { stream_seq: 4 },
  num_pending: 2,
  num_ack_pending: 1,
  config: { durable_name: 'receipts', filter_subject: 'events.order.created.*', metadata, ...changes },
});

const OURS = { 'millrace.app': 'user', 'millrace.group': 'receipts', 'millrace.from': 'beginning' };

describe('what the ledger reads', () => {
  it('is an event with its CloudEvents attributes', () => {
    const attributes = { 'ce-id': 'a%20b', 'ce-source': 'order', 'ce-subject': 'o%2F1' };
    expect(parseEvent(message(attributes))).toEqual({
      stream: 'EVENTS_order',
      sequence: 7,
      subject: 'events.order.created.o1',
      type: 'order.created',
      key: 'o/1',
      id: 'a b',
      source: 'order',
      storedAt: 1000,
      onlyFor: undefined,
    });
  });

  it('is a bare event, filled in from its place', () => {
    expect(parseEvent(message({}, 'events.order.created._'))).toMatchObject({
      key: undefined,
      id: 'EVENTS_order:7',
      source: 'nats',
    });
    expect(parseEvent(message()).key).toBe('o1');
  });

  it('is the group that a replay is for', () => {
    expect(parseEvent(message({ 'Millrace-Replay-Group': 'receipts' })).onlyFor).toBe('receipts');
  });

  it('is a dead letter and its original', () => {
    const letter = message(
      {
        'Millrace-Dead-Stream': 'EVENTS_order',
        'Millrace-Dead-Sequence': '3',
        'Millrace-Dead-Subject': 'events.order.created.o1',
        'Millrace-Dead-Group': 'receipts',
        'Millrace-Dead-Attempts': '5',
        'Millrace-Dead-Cause-Message': 'boom',
      },
      'dead.order.created.receipts.o1',
    );
    expect(parseDeadLetter(letter)).toEqual({
      entry: 7,
      stream: 'EVENTS_order',
      sequence: 3,
      subject: 'events.order.created.o1',
      group: 'receipts',
      attempts: 5,
      cause: 'boom',
    });
  });

  it('is an audit record, and nothing that is none', () => {
    const record = {
      app: 'user',
      group: 'g',
      type: 'order.created',
      stream: 'S',
      sequence: 1,
      attempt: 2,
      outcome: 'ack',
      ms: 3,
    };
    expect(parseHandled(record)).toEqual({ ...record, key: undefined, cause: undefined });
    for (const other of [undefined, 'ack', { ...record, outcome: 'fine' }, { ...record, sequence: '1' }]) {
      expect(parseHandled(other)).toBeUndefined();
    }
  });

  it('is a group with its place in the stream', () => {
    expect(parseGroup('EVENTS_order', consumer(OURS))).toEqual({
      stream: 'EVENTS_order',
      consumer: 'receipts',
      group: 'receipts',
      app: 'user',
      filter: 'events.order.created.*',
      start: { kind: 'beginning' },
      ackFloor: 4,
      pending: 2,
      ackPending: 1,
    });
  });

  it('is no group where a consumer is of somebody else, or of one replica only', () => {
    expect(parseGroup('EVENTS_order', consumer({}))).toBeUndefined();
    expect(parseGroup('EVENTS_order', consumer(OURS, { durable_name: undefined }))).toBeUndefined();
  });

  it.each([
    ['new', { kind: 'time', at: Date.parse('2026-01-02T03:04:05.000Z') }],
    ['2026-01-01T00:00:00.000Z', { kind: 'time', at: Date.parse('2026-01-01T00:00:00.000Z') }],
    ['12', { kind: 'sequence', sequence: 12 }],
  ])('is where a group begins: %s', (from, start) => {
    expect(parseGroup('EVENTS_order', consumer({ ...OURS, 'millrace.from': from }))?.start).toEqual(start);
  });

  it('is a restored group, which has settled what lies before its new beginning', () => {
    expect(parseGroup('EVENTS_order', consumer(OURS, { opt_start_seq: 9 }))?.ackFloor).toBe(8);
  });
});
