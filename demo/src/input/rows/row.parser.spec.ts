import { isInvoiceDate } from './invoice.date.js';
import { COLUMNS, RowParser } from './row.parser.js';

const GOOD = ['536365', '85123A', 'HOLDER', '6', '12/1/2010 8:26', '2.55', '17850', 'United Kingdom'];

const parse = (changes: Partial<Record<(typeof COLUMNS)[number], string>> = {}) => {
  const fields = GOOD.map((value, at) => changes[COLUMNS[at]!] ?? value);
  return new RowParser(COLUMNS).parse(fields, 7);
};

describe('a row', () => {
  it('is a line of an invoice', () => {
    expect(parse()).toEqual({
      kind: 'row',
      row: {
        line: 7,
        invoice: '536365',
        cancels: false,
        sku: '85123A',
        quantity: 6,
        unitPriceCents: 255,
        customer: '17850',
      },
    });
  });

  it('is of a cancellation, whose quantities are negative', () => {
    const row = { invoice: '536379', cancels: true, quantity: 1 };
    expect(parse({ InvoiceNo: 'C536379', Quantity: '-1' })).toMatchObject({ row });
    expect(parse({ InvoiceNo: 'c536379', Quantity: '-1' })).toMatchObject({ row });
  });

  it.each([
    ['', undefined],
    ['17850', '17850'],
    ['17850.0', '17850'],
    [' 17850 ', '17850'],
  ])('has the customer %j as %j', (CustomerID, customer) => {
    expect(parse({ CustomerID })).toMatchObject({ row: { customer } });
  });

  it.each([
    ['2.55', 255],
    ['0', 0],
    ['0.001', 0],
    ['1.005', 101],
    ['12.745', 1275],
    ['1000000', 100_000_000],
  ])('has the price %s in cents, %i', (UnitPrice, unitPriceCents) => {
    expect(parse({ UnitPrice })).toMatchObject({ row: { unitPriceCents } });
  });

  it.each([
    [{ InvoiceNo: '' }, 'invoice'],
    [{ InvoiceNo: '53 65' }, 'invoice'],
    [{ StockCode: ' ' }, 'stock-code'],
    [{ StockCode: 'X'.repeat(65) }, 'stock-code'],
    [{ Quantity: '0' }, 'quantity'],
    [{ Quantity: '1.5' }, 'quantity'],
    [{ Quantity: '1e3' }, 'quantity'],
    [{ Quantity: '' }, 'quantity'],
    [{ Quantity: '100001' }, 'quantity'],
    [{ Quantity: '-6' }, 'sign'],
    [{ InvoiceNo: 'C536379' }, 'sign'],
    [{ UnitPrice: '-1' }, 'price'],
    [{ UnitPrice: '2,55' }, 'price'],
    [{ UnitPrice: '1e2' }, 'price'],
    [{ UnitPrice: '1000000.01' }, 'price'],
    [{ InvoiceDate: '13/1/2010 8:26' }, 'date'],
    [{ CustomerID: '#REF!' }, 'customer'],
  ])('is left out with %j: %s', (changes, reason) => {
    expect(parse(changes)).toEqual({ kind: 'reject', reason });
  });

  it('is left out where it has other columns than the header', () => {
    const parser = new RowParser(COLUMNS);
    expect(parser.parse(GOOD.slice(1), 2)).toEqual({ kind: 'reject', reason: 'columns' });
    expect(parser.parse([...GOOD, ''], 2)).toEqual({ kind: 'reject', reason: 'columns' });
  });

  it('is read as the header says', () => {
    const header = [...COLUMNS].reverse().map((name) => ` ${name.toLowerCase()} `);
    const parser = new RowParser([...header, 'Remarks']);
    expect(parser.parse([...GOOD].reverse().concat('-'), 2)).toMatchObject({ row: { sku: '85123A' } });
    expect(() => new RowParser(['InvoiceNo'])).toThrow(/StockCode, Description/);
  });
});

describe('the date of an invoice', () => {
  it.each([
    '12/1/2010 8:26',
    '2/29/2012 0:00:59',
    '12/31/2011',
    '2010-12-01T08:26:00Z',
    '2010-12-01T08:26:00.123+01:00',
    '2010-12-01 08:26',
    '2010-12-01',
  ])('may be %s', (text) => expect(isInvoiceDate(text)).toBe(true));

  it.each([
    '',
    'yesterday',
    '2/30/2011 9:15',
    '2/29/2011',
    '12/1/2010 24:00',
    '12/1/10',
    '2010-13-01',
    '1.12.2010',
  ])('cannot be %j', (text) => expect(isInvoiceDate(text)).toBe(false));
});
