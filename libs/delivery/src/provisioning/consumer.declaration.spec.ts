import { ConsumerConfig } from '@nats-io/jetstream';
import {
  appOf,
  ConsumerDeclaration,
  fixedConfig,
  groupOf,
  initialConfig,
  requiredConfig,
} from './consumer.declaration.js';

const declared: ConsumerDeclaration = {
  stream: 'EVENTS_order',
  name: 'receipts',
  group: 'receipts',
  app: 'shop',
  filter: 'events.order.paid.*',
  from: 'beginning',
  ackWaitMs: 30_000,
  maxAckPending: 5000,
};

describe('a declared consumer', () => {
  it('is durable, acknowledges each message, and counts deliveries without end', () => {
    expect(initialConfig(declared, declared.from)).toMatchObject({
      durable_name: 'receipts',
      ack_policy: 'explicit',
      ack_wait: 30e9,
      max_ack_pending: 5000,
      max_deliver: -1,
      filter_subject: 'events.order.paid.*',
    });
  });

  it.each([
    ['beginning', { deliver_policy: 'all' }],
    ['new', { deliver_policy: 'new' }],
    [7, { deliver_policy: 'by_start_sequence', opt_start_seq: 7 }],
    [new Date(0), { deliver_policy: 'by_start_time', opt_start_time: '1970-01-01T00:00:00.000Z' }],
  ] as const)('begins at %p', (start, expected) =>
    expect(initialConfig(declared, start)).toMatchObject(expected),
  );

  it('of one replica has a name, and goes by itself', () => {
    const config = initialConfig({ ...declared, inactiveMs: 1000 }, 'new');
    expect(config).toMatchObject({ name: 'receipts', inactive_threshold: 1e9 });
    expect(config.durable_name).toBeUndefined();
  });

  it('says whose it is, and where it was declared to begin, also when it is restored elsewhere', () => {
    const config = initialConfig({ ...declared, from: 'new' }, 41) as ConsumerConfig;
    expect([appOf(config), groupOf(config), config.metadata?.['millrace.from']]).toEqual([
      'shop',
      'receipts',
      'new',
    ]);
  });

  it('asks for no bound that would make the server refuse a request', () =>
    expect(requiredConfig(declared)).toMatchObject({ max_batch: 0, max_expires: 0, max_bytes: 0 }));

  it('takes a consumer that somebody else made as it is, but for its acknowledgement', () => {
    const { declared: ours, existing } = fixedConfig(declared, { ack_policy: 'none' } as ConsumerConfig);
    expect(existing).toEqual({ ...ours, ack_policy: 'none' });
  });
});
