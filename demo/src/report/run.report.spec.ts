import { StoredEvent } from '../ledger/ledger.entries.js';
import { Ledger } from '../ledger/ledger.js';
import { createReport, summaryLines } from './run.report.js';

const event = (sequence: number, type: string): StoredEvent => ({
  stream: `EVENTS_${type.split('.')[0]}`,
  sequence,
  subject: `events.${type}.k${sequence}`,
  type,
  key: `k${sequence}`,
  id: `id-${sequence}`,
  source: 'test',
  storedAt: 0,
  onlyFor: undefined,
});

const ledgerOf = (audience: Record<string, string[]>, ...types: string[]): Ledger => {
  const ledger = new Ledger({ audience });
  for (const [at, type] of types.entries()) ledger.addEvent(event(at + 1, type));
  return ledger;
};

const parts = (ledger: Ledger) => ({
  readyMs: 1234.6,
  natsUrl: 'nats://127.0.0.1:1',
  ledger,
  notifications: 7,
});

describe('the report of a run', () => {
  it('has exactly the promised numbers', () => {
    const ledger = ledgerOf(
      {},
      'timer.ticked',
      'timer.ticked',
      'user.registered',
      'order.created',
      'user.unregistered',
    );
    expect(createReport(parts(ledger))).toEqual({
      ready_ms: 1235,
      nats_url: 'nats://127.0.0.1:1',
      ticks: 2,
      users_registered: 1,
      orders_created: 1,
      events_published: 5,
      events_handled: 5,
      dead_lettered: 0,
      notifications: 7,
    });
  });

  it('sums up a good run in two lines', () => {
    const ledger = ledgerOf({}, 'timer.ticked');
    expect(summaryLines(createReport(parts(ledger)), ledger.verdict())).toEqual([
      '1 events published, 1 handled by every group, 0 dead letters',
      '1 ticks, 0 users registered, 0 orders created, 7 notifications',
    ]);
  });

  it('names what was not handled, and not more than can be read', () => {
    const types = Array.from({ length: 12 }, () => 'timer.ticked');
    const ledger = ledgerOf({ 'timer.ticked': ['user'] }, ...types);
    const lines = summaryLines(createReport(parts(ledger)), ledger.verdict());
    expect(lines[0]).toContain('12 events published, 0 handled');
    expect(lines[2]).toBe('Not every event was handled:');
    expect(lines[3]).toBe("  timer.ticked k1 (EVENTS_timer 1): no group of 'user' takes it");
    expect(lines).toHaveLength(14);
    expect(lines.at(-1)).toBe('  and 2 more');
  });

  it('names a group that the server still holds something for', () => {
    const ledger = new Ledger();
    ledger.setGroups('EVENTS_order', [
      {
        stream: 'EVENTS_order',
        consumer: 'receipts',
        group: 'receipts',
        app: 'user',
        filter: '>',
        start: { kind: 'beginning' },
        ackFloor: 0,
        pending: 1,
        ackPending: 0,
      },
    ]);
    expect(summaryLines(createReport(parts(ledger)), ledger.verdict()).at(-1)).toContain(
      'EVENTS_order > receipts',
    );
  });
});
