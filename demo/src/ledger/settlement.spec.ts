import { Ledger } from './ledger.js';
import { StoredEvent } from './ledger.entries.js';
import { settled } from './settlement.js';

const event = (sequence: number): StoredEvent => ({
  stream: 'EVENTS_order',
  sequence,
  subject: 'events.order.created.o1',
  type: 'order.created',
  key: 'o1',
  id: 'id',
  source: 'order',
  storedAt: 0,
  onlyFor: undefined,
});

describe('waiting for the settlement', () => {
  const wait = (ledger: Ledger, refresh: () => Promise<boolean>, boundMs = 2000) =>
    settled({ ledger, refresh, boundMs, quietMs: 150 });

  it('ends when all is read and settled', async () => {
    expect(await wait(new Ledger(), () => Promise.resolve(true))).toBe(true);
  });

  it('waits for what one event leads to', async () => {
    const ledger = new Ledger();
    let reads = 0;
    const refresh = () => {
      reads++;
      if (reads <= 3) ledger.addEvent(event(reads));
      return Promise.resolve(true);
    };
    expect(await wait(ledger, refresh)).toBe(true);
    expect(ledger.verdict().published).toBe(3);
    expect(reads).toBeGreaterThan(3);
  });

  it('waits longer than the bound while something moves', async () => {
    const ledger = new Ledger();
    let reads = 0;
    const refresh = () => {
      reads++;
      if (reads <= 8) ledger.addEvent(event(reads));
      return Promise.resolve(reads > 8);
    };
    expect(await wait(ledger, refresh, 300)).toBe(true);
    expect(reads).toBeGreaterThan(8);
  });

  it.each([
    ['not everything is read', () => Promise.resolve(false), new Ledger()],
    ['the server does not answer', () => Promise.reject(new Error('away')), new Ledger()],
    ['an event has nobody to handle it', () => Promise.resolve(true), openLedger()],
  ])('gives up at the bound when %s', async (_, refresh, ledger) => {
    expect(await wait(ledger, refresh, 400)).toBe(false);
  });
});

function openLedger(): Ledger {
  const ledger = new Ledger({ audience: { 'order.created': ['user'] } });
  ledger.addEvent(event(1));
  return ledger;
}
