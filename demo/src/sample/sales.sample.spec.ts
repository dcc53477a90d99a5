import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REJECT_REASONS } from '../input/rows/row.js';
import { UnitReader } from '../input/invoices/unit.reader.js';
import { BLEMISHES } from './blemishes.js';
import { SalesSample } from './sales.sample.js';

const SHIPPED = fileURLToPath(new URL('../../samples/orders.csv', import.meta.url));
/** As in README.md. */
const OPTIONS = { rows: 600, seed: 200 };

const bytesOf = (sample: SalesSample): Buffer => Buffer.from([...sample.pieces()].join(''), 'latin1');

describe('the sample of orders', () => {
  it('is what the generator makes of its seed', () => {
    expect(bytesOf(new SalesSample(OPTIONS)).equals(readFileSync(SHIPPED))).toBe(true);
    expect(bytesOf(new SalesSample({ ...OPTIONS, seed: 201 })).equals(readFileSync(SHIPPED))).toBe(false);
  });

  it('is read as what went into it', async () => {
    const sample = new SalesSample(OPTIONS);
    bytesOf(sample);
    const { invoices, cancellations, malformed } = sample.contents;
    const lines = new Map<string, number>();
    const left: Record<string, number> = {};
    let cancels = 0;
    const onReject = async ({ reason }: { reason: string }) => void (left[reason] = (left[reason] ?? 0) + 1);
    for await (const unit of new UnitReader({ file: SHIPPED, start: 0, onReject }).read()) {
      if (unit.kind === 'cancellation') cancels++;
      else lines.set(unit.invoice, (lines.get(unit.invoice) ?? 0) + unit.lines.length);
    }
    expect({ lines, cancels, left }).toEqual({ lines: invoices, cancels: cancellations, left: malformed });
  });

  it('has an invoice that is split, cancellations, guests and malformed rows', () => {
    const sample = new SalesSample(OPTIONS);
    bytesOf(sample);
    const { rows, invoices, cancellations, guests, malformed } = sample.contents;
    expect(rows).toBe(OPTIONS.rows);
    expect(Math.max(...invoices.values())).toBeGreaterThan(100);
    expect(Math.min(cancellations, guests)).toBeGreaterThan(4);
    expect(Object.keys(malformed).length).toBeGreaterThan(5);
  });

  it('can be wrong in every way but one that takes two rows', () => {
    const reasons = new Set(BLEMISHES.map(({ reason }) => reason));
    expect(Object.keys(REJECT_REASONS).filter((reason) => !reasons.has(reason as never))).toEqual([
      'other-customer',
    ]);
  });
});
