import { DiscardPolicy, RetentionPolicy, StorageType, StreamConfig } from '@nats-io/jetstream';
import { thrownBy } from '../thrown.fixture.js';
import { eventStreamDeclaration, sourcedEventStream } from './event-stream.js';

const MINUTE_NS = 60_000_000_000;
const existing = (config: Partial<StreamConfig>): StreamConfig =>
  ({ duplicate_window: 2 * MINUTE_NS, ...config }) as StreamConfig;

it('declares the stream of a context', () => {
  expect(eventStreamDeclaration('order')).toMatchObject({
    name: 'EVENTS_order',
    initial: {
      subjects: ['events.order.*.*'],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: 1,
      duplicate_window: 2 * MINUTE_NS,
    },
    required: { allow_msg_ttl: true },
  });
  expect(Object.keys(eventStreamDeclaration('order').required)).toEqual(['allow_msg_ttl']);
});

it('requires what the settings say', () => {
  const { required } = eventStreamDeclaration('order', {
    replicas: 3,
    storage: 'memory',
    maxAge: '1h',
    maxBytes: 1024,
    duplicateWindow: '5m',
  });
  expect(required).toEqual({
    num_replicas: 3,
    storage: StorageType.Memory,
    max_age: 60 * MINUTE_NS,
    max_bytes: 1024,
    discard: DiscardPolicy.New,
    duplicate_window: 5 * MINUTE_NS,
    allow_msg_ttl: true,
  });
  expect(thrownBy(() => eventStreamDeclaration('order', { maxAge: '1 year' as '1s' }))).toMatchObject({
    code: 'DURATION_INVALID',
    details: { what: 'maxAge' },
  });
});

describe('merging into a stream that exists', () => {
  const merged = (config: Partial<StreamConfig>, settings = {}) =>
    eventStreamDeclaration('order', settings).merge?.(existing(config));

  it('adds its subject to those there are', () => {
    expect(merged({ subjects: ['legacy.orders'] })).toEqual({
      subjects: ['legacy.orders', 'events.order.*.*'],
    });
  });

  it('leaves a subject alone that is there, or covered by a wider one', () => {
    expect(merged({ subjects: ['events.order.*.*'] })).toEqual({});
    expect(merged({ subjects: ['events.order.>'] })).toEqual({});
  });

  it('replaces narrower subjects, which the server would find to overlap', () => {
    expect(merged({ subjects: ['events.order.paid.*', 'legacy'] })).toEqual({
      subjects: ['legacy', 'events.order.*.*'],
    });
  });

  it('remembers message ids where the server did not, as of a stream that was made with sources', () => {
    const there = { subjects: ['events.order.*.*'], duplicate_window: 0 };
    expect(merged(there)).toEqual({ duplicate_window: 2 * MINUTE_NS });
    expect(merged(there, { maxAge: '1m' })).toEqual({ duplicate_window: MINUTE_NS });
    expect(merged(there, { duplicateWindow: '1m' })).toEqual({});
  });

  it('shortens a duplicate window nobody asked for to the declared age', () => {
    const there = { subjects: ['events.order.*.*'], duplicate_window: 2 * MINUTE_NS };
    expect(merged(there, { maxAge: '1m' })).toEqual({ duplicate_window: MINUTE_NS });
    expect(merged(there, { maxAge: '1h' })).toEqual({});
    expect(merged(there, { maxAge: '1m', duplicateWindow: '2m' })).toEqual({});
    expect(merged(there)).toEqual({});
  });
});

it('adds one source, replaces it by name, and keeps those of others', () => {
  const source = {
    stream: 'KV_orders',
    from: 'outbox.orders.order.*.*.*',
    to: 'events.order.{{wildcard(1)}}',
  };
  const added = { name: 'KV_orders', subject_transforms: [{ src: source.from, dest: source.to }] };
  const declaration = sourcedEventStream('order', source, { replicas: 3 });
  expect(declaration.initial.sources).toEqual([added]);
  expect(declaration.required.num_replicas).toBe(3);
  const other = { name: 'KV_users', subject_transforms: [{ src: 'a', dest: 'b' }] };
  const outdated = { name: 'KV_orders', subject_transforms: [{ src: 'old', dest: 'old' }] };
  expect(
    declaration.merge?.(existing({ subjects: ['events.order.*.*'], sources: [outdated, other] })),
  ).toEqual({ sources: [other, added] });
});
