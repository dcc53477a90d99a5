import { Row } from '../rows/row.js';
import { InvoiceGrouper } from './invoice.grouper.js';
import { orderIdOf, Unit, userOf } from './unit.js';

const row = (invoice: string, changes: Partial<Row> = {}): Row => ({
  line: 2,
  invoice,
  cancels: false,
  sku: 'MUG',
  quantity: 1,
  unitPriceCents: 100,
  customer: '17850',
  ...changes,
});

const group = (rows: readonly Row[]): Unit[] => {
  const grouper = new InvoiceGrouper();
  const units = rows.flatMap((each, at) => {
    const grouped = grouper.add(each, at + 1);
    return grouped.kind === 'taken' ? grouped.units : [];
  });
  return [...units, ...grouper.end()];
};

describe('the rows of a file', () => {
  it('are an order where they follow each other', () => {
    expect(group([row('1'), row('1', { sku: 'TEA' }), row('2', { line: 4 }), row('1')])).toMatchObject([
      { kind: 'order', invoice: '1', part: 1, row: 2, lines: [{ sku: 'MUG' }, { sku: 'TEA' }] },
      { kind: 'order', invoice: '2', part: 1, row: 3, line: 4 },
      { kind: 'order', invoice: '1', part: 1, row: 4 },
    ]);
  });

  it('are several orders where they are more than an order may have', () => {
    const units = group(Array.from({ length: 201 }, () => row('1')));
    expect(units).toMatchObject([
      { part: 1, row: 100 },
      { part: 2, row: 200 },
      { part: 3, row: 201 },
    ]);
    expect(units.map((unit) => (unit.kind === 'order' ? unit.lines.length : 0))).toEqual([100, 100, 1]);
  });

  it('are a cancellation, which is not taken for the invoice of its number', () => {
    const cancels = true;
    const rows = [row('1'), row('1', { cancels }), row('1', { cancels, sku: 'TEA' }), row('1', { cancels })];
    expect(group(rows)).toMatchObject([
      { kind: 'order', row: 1 },
      { kind: 'cancellation', row: 4, skus: ['MUG', 'TEA'] },
    ]);
    expect(group(Array.from({ length: 300 }, () => row('1', { cancels })))).toHaveLength(1);
  });

  it('are of one customer each', () => {
    const grouper = new InvoiceGrouper();
    grouper.add(row('1'), 1);
    expect(grouper.add(row('1', { customer: '2' }), 2)).toEqual({ kind: 'other-customer' });
    expect(grouper.add(row('1', { customer: undefined }), 3)).toEqual({ kind: 'other-customer' });
    expect(grouper.end()).toMatchObject([{ lines: [{ sku: 'MUG' }] }]);
  });

  it('have ids that follow from them', () => {
    expect([orderIdOf('536365'), orderIdOf('536365', 2)]).toEqual(['invoice-536365', 'invoice-536365-2']);
    expect(userOf({ invoice: '1', customer: '17850' })).toEqual({
      id: 'customer-17850',
      name: 'Customer 17850',
      email: 'customer-17850@example.org',
    });
    expect(userOf({ invoice: '1', customer: undefined }).id).toBe('guest-1');
  });
});
