import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvLine } from '../sample/csv.line.js';
import { Shop } from '../memory/shop.js';
import { SalesSample } from '../sample/sales.sample.js';
import { ApiClient } from '../traffic/api.client.js';
import { OrderInput } from './order.input.js';
import { MemoryStore } from './memory.store.fixture.js';
import { NO_PROGRESS } from './progress/progress.store.js';
import { COLUMNS } from './rows/row.parser.js';
import { RejectList } from './rows/reject.list.js';

type Line = [invoice: string, sku: string, quantity: string, customer: string];

describe('feeding a file of order lines', () => {
  let folder: string;
  let file: string;
  let shop: Shop;
  let api: ApiClient;
  let store: MemoryStore;
  let shown: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-input-'));
    file = join(folder, 'orders.csv');
    shop = new Shop();
    api = new ApiClient(await shop.start());
    store = new MemoryStore();
    shown = [];
  });
  afterEach(() => {
    shop.stop();
    rmSync(folder, { recursive: true });
  });

  const write = (...lines: Line[]): void => {
    const rows = lines.map(([invoice, sku, quantity, customer]) =>
      csvLine([invoice, sku, 'THING', quantity, '12/1/2010 8:26', '2.55', customer, 'France']),
    );
    writeFileSync(file, [csvLine(COLUMNS), ...rows].join(''));
  };
  const prepare = (stop = new AbortController().signal) => {
    const rejects = new RejectList({ print: (line) => shown.push(line), file: undefined });
    const input = new OrderInput({
      file,
      start: 0,
      apis: { user: api, order: api },
      store,
      onReject: (reject) => rejects.add(reject),
      pace: () => Promise.resolve(),
      stop,
    });
    return { input, rejects };
  };
  const feed = async () => {
    const { input, rejects } = prepare();
    await input.run();
    const { progress, refused, problems } = input.tally;
    return { ...progress, refused, problems, malformed: rejects.byReason };
  };
  const statusOf = (id: string) => shop.orders.get(id)?.status;

  it('makes users of customers and confirmed orders of invoices', async () => {
    write(['1', 'MUG', '6', '17850'], ['1', 'TEA', '1', '17850'], ['2', 'MUG', '2', '']);
    expect(await feed()).toMatchObject({ row: 3, finished: true, refused: 0 });
    expect([...shop.users.keys()].sort()).toEqual(['customer-17850', 'guest-2']);
    expect(shop.orders.get('invoice-1')).toMatchObject({
      userId: 'customer-17850',
      currency: 'GBP',
      confirm: true,
      lines: [
        { sku: 'MUG', quantity: 6, unitPriceCents: 255 },
        { sku: 'TEA', quantity: 1, unitPriceCents: 255 },
      ],
    });
  });

  it('cancels the order of a cancellation’s number, with all its parts', async () => {
    const lines = Array.from({ length: 101 }, (): Line => ['1', 'MUG', '1', '17850']);
    write(...lines, ['2', 'MUG', '1', '17850'], ['C1', 'MUG', '-1', '17850']);
    expect(await feed()).toMatchObject({ cancellations: 1, cancelledOrders: 2 });
    expect(['invoice-1', 'invoice-1-2', 'invoice-2'].map(statusOf)).toEqual([
      'cancelled',
      'cancelled',
      'processing',
    ]);
  });

  it('cancels the newest open order of the customer that has the stock code', async () => {
    const older = Array.from({ length: 60 }, (_, at): Line => [`${100 + at}`, 'PEN', '1', '17850']);
    write(
      ['1', 'MUG', '1', '17850'],
      ['2', 'MUG', '1', '17850'],
      ['3', 'MUG', '1', '12346'],
      ...older,
      ['C9', 'MUG', '-1', '17850'],
      ['C10', 'MUG', '-1', '17850'],
    );
    expect(await feed()).toMatchObject({ cancellations: 2, cancelledOrders: 2, unmatched: {} });
    expect(['invoice-1', 'invoice-2', 'invoice-3'].map(statusOf)).toEqual([
      'cancelled',
      'cancelled',
      'processing',
    ]);
  });

  it('reports cancellations that match nothing', async () => {
    write(
      ['1', 'MUG', '1', '17850'],
      ['C8', 'TEA', '-1', '17850'],
      ['C9', 'MUG', '-1', ''],
      ['C10', 'MUG', '-1', '17850'],
      ['C11', 'MUG', '-1', '17850'],
    );
    expect(await feed()).toMatchObject({
      cancellations: 1,
      unmatched: { 'no-order': 1, 'no-customer': 1, 'too-late': 1 },
    });
  });

  it('does not cancel another order when a cancellation is sent again, nor one that matched nothing', async () => {
    write(
      ['1', 'MUG', '1', '17850'],
      ['2', 'MUG', '1', '17850'],
      ['C9', 'MUG', '-1', '17850'],
      ['C10', 'TEA', '-1', '17850'],
      ['3', 'TEA', '1', '17850'],
    );
    const first = await feed();
    store.progress = NO_PROGRESS;
    expect(await feed()).toEqual(first);
    expect(['invoice-1', 'invoice-2', 'invoice-3'].map(statusOf)).toEqual([
      'processing',
      'cancelled',
      'processing',
    ]);
    expect(shop.orders.size).toBe(3);
  });

  it('waits for a user who is not known everywhere yet', async () => {
    let unknown = 3;
    shop.intercept = (request) =>
      request === 'POST /orders' && unknown-- > 0
        ? { status: 404, body: { code: 'USER_UNKNOWN' } }
        : undefined;
    write(['1', 'MUG', '1', '17850']);
    expect(await feed()).toMatchObject({ refused: 0, finished: true });
  });

  it('refuses an invoice that comes twice with other lines, and goes on', async () => {
    write(
      ['1', 'MUG', '1', '17850'],
      ['2', 'MUG', '1', '17850'],
      ['1', 'TEA', '1', '17850'],
      ['3', 'MUG', '1', ''],
    );
    const { refused, problems, row, finished } = await feed();
    expect({ refused, row, finished }).toEqual({ refused: 1, row: 4, finished: false });
    expect(problems).toEqual([expect.stringMatching(/^line 4: there is another order invoice-1/)]);
    expect(shop.orders.size).toBe(3);
  });

  it('tells what was not answered as it should be, goes on, and tries it again the next time', async () => {
    let refusing = 1;
    shop.intercept = (request) =>
      request === 'POST /orders' && refusing-- > 0 ? { status: 400, body: { code: 'NO' } } : undefined;
    write(['1', 'MUG', '1', '17850'], ['2', 'MUG', '1', '17850'], ['C2', 'MUG', '-1', '17850']);
    const { problems, ...rest } = await feed();
    expect(problems).toEqual(['line 2: order invoice-1 was answered 400: {"code":"NO"}']);
    expect(rest).toMatchObject({ refused: 1, row: 3, cancellations: 1, finished: false });
    expect(store.progress).toMatchObject({ row: 0, cancellations: 0 });
    expect(await feed()).toMatchObject({ refused: 0, row: 3, cancellations: 1, finished: true });
    expect([...shop.orders.keys()]).toEqual(['invoice-2', 'invoice-1']);
  });

  it('reports rows that are left out, the first on the terminal, and goes on', async () => {
    write(...Array.from({ length: 12 }, (_, at): Line => [String(at), 'MUG', '0', '']), [
      '99',
      'MUG',
      '1',
      '',
    ]);
    expect(await feed()).toMatchObject({ malformed: { quantity: 12 }, finished: true });
    expect(shown[0]).toBe('  line 2 is left out: the quantity is not a whole number from 1 to 100,000');
    expect(shown).toHaveLength(11);
    expect(shop.orders.size).toBe(1);
  });

  it('goes on where it was stopped, and sends nothing that was done', async () => {
    write(...Array.from({ length: 200 }, (_, at): Line => [String(at), 'MUG', '1', String(at % 7)]));
    const stop = new AbortController();
    shop.intercept = (request) => {
      if (request.startsWith('POST /orders') && shop.orders.size >= 100) stop.abort();
      return undefined;
    };
    await prepare(stop.signal).input.run();
    expect(store.progress).toMatchObject({ finished: false });
    expect(store.progress.row).toBeGreaterThan(70);
    const [stoppedAt, asked] = [store.progress.row, shop.requests.length];
    shop.intercept = () => undefined;
    expect(await feed()).toMatchObject({ row: 200, finished: true, refused: 0 });
    expect(shop.orders.size).toBe(200);
    // At most seven users, and for each order that was done but not known to be, one more look.
    expect(shop.requests.length - asked).toBeLessThan(2 * (200 - stoppedAt) + 8);
  });

  it('makes the same of a sample, whenever and however often it is killed', async () => {
    const sample = new SalesSample({ rows: 1500, seed: 3 });
    writeFileSync(file, Buffer.from([...sample.pieces()].join(''), 'latin1'));
    // Killed: what was sent stays, and of the progress what was saved a while ago.
    for (const orders of [20, 60, 61, 90]) {
      const stop = new AbortController();
      shop.intercept = () => void (shop.orders.size >= orders && stop.abort());
      const saved = store.progress;
      await prepare(stop.signal).input.run();
      if (orders !== 61) store.progress = { ...saved };
    }
    shop.intercept = () => undefined;
    const { input, rejects } = prepare();
    await input.run();
    const { invoices, cancellations, malformed, customers, guests } = sample.contents;
    const { progress, ...tally } = input.tally;
    const orders = [...invoices.values()].reduce((sum, lines) => sum + Math.ceil(lines / 100), 0);
    expect(shop.orders.size).toBe(orders);
    expect(tally).toMatchObject({ invoices: invoices.size, orders, guests, problems: [] });
    expect(input.customers).toBe(customers.size);
    expect(shop.users.size).toBe(customers.size + guests);
    expect(rejects.byReason).toEqual(malformed);
    const unmatched = Object.values(progress.unmatched).reduce((sum, count) => sum + count, 0);
    expect(progress.cancellations + unmatched).toBe(cancellations);
    const cancelled = [...shop.orders.values()].filter(({ status }) => status === 'cancelled');
    expect(cancelled).toHaveLength(progress.cancelledOrders);
  });

  it('says what is wrong with a file that is none', async () => {
    writeFileSync(file, 'a,b\n1,2\n');
    await expect(feed()).rejects.toThrow(/InvoiceNo, StockCode/);
    writeFileSync(file, '');
    await expect(feed()).rejects.toThrow(/empty/);
  });
});
