import { startNatsServer } from '@millrace/nats-server';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BareClient } from '../support/bare.client.js';
import { eventually } from '../support/eventually.js';
import { Runner, RunnerExit } from '../support/runner.js';
import { inRepository } from '../support/workspace.js';

interface OrdersReport {
  finished: boolean;
  rows: number;
  customers: number;
  guests: number;
  invoices: number;
  orders: number;
  cancellations: number;
  cancelled_orders: number;
  unmatched: Record<string, number>;
  malformed: Record<string, number>;
  refused: number;
  skipped_rows: number;
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describe('npm start -- --orders', () => {
  const runners: Runner[] = [];
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-orders-'))));
  afterEach(async () => {
    for (const runner of runners.splice(0)) await runner.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (file: string, ...args: string[]): Runner => {
    const runner = Runner.start(['--orders', file, ...args]);
    runners.push(runner);
    return runner;
  };
  const expectGood = async (runner: Runner): Promise<void> => {
    const { code, stderr } = await runner.exited;
    expect({ code, stderr }).toMatchObject({ code: 0 });
  };
  const ordersOf = (runner: Runner): OrdersReport => runner.report()!['orders'] as OrdersReport;

  /** A file of order lines, and what its generator says is in it. */
  const makeFile = (rows: number) => {
    const file = join(folder, 'orders.csv');
    const main = inRepository('demo/dist/sample/main.js');
    const args = [main, '--out', file, '--rows', String(rows), '--seed', '5'];
    const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
    const [invoices, cancellations, malformed] = /(\d+) invoices, (\d+) cancellations, (\d+) malformed/
      .exec(said)!
      .slice(1)
      .map(Number) as [number, number, number];
    return { file, rows, invoices, cancellations, malformed };
  };

  /** The keys of the events that are in a store which nobody uses any more. */
  const keysIn = async (store: string) => {
    const server = await startNatsServer({ storeDir: store });
    const client = await BareClient.connect(server.url);
    const keys = async (context: string, event: string): Promise<string[]> => {
      const events = await client.read(`EVENTS_${context}`, `events.${context}.${event}.*`);
      return events.map(({ subject }) => subject.split('.')[3]!);
    };
    try {
      return {
        orders: await keys('order', 'created'),
        cancelled: await keys('order', 'cancelled'),
        users: (await keys('user', 'registered')).filter((key) => /^(customer|guest)-/.test(key)),
      };
    } finally {
      await client.close();
      await server.stop();
    }
  };

  /** Runs until so many orders are there, and then does something to it. */
  const interrupt = async (runner: Runner, orders: number, fault: () => void): Promise<RunnerExit> => {
    const { nats_url: url } = await runner.info();
    const client = await BareClient.connect(url);
    await eventually(async () => {
      const created = await client.read('EVENTS_order', 'events.order.created.*');
      expect(created.length).toBeGreaterThan(orders);
    }, 60_000);
    fault();
    await client.close();
    return runner.exited;
  };

  const expectWhole = async (made: ReturnType<typeof makeFile>, report: OrdersReport): Promise<void> => {
    expect(report).toMatchObject({ finished: true, rows: made.rows, invoices: made.invoices, refused: 0 });
    expect(report.cancellations + total(report.unmatched)).toBe(made.cancellations);
    expect(total(report.malformed)).toBe(made.malformed);
    const { orders, cancelled, users } = await keysIn(`${made.file}.store`);
    expect(new Set(orders).size).toBe(orders.length);
    expect(orders).toHaveLength(report.orders);
    expect(new Set(orders.map((id) => id.split('-')[1])).size).toBe(made.invoices);
    expect(new Set(users).size).toBe(users.length);
    expect(users).toHaveLength(report.customers + report.guests);
    expect(new Set(cancelled).size).toBe(cancelled.length);
    // Others may have been cancelled for want of money or goods.
    expect(cancelled.length).toBeGreaterThanOrEqual(report.cancelled_orders);
  };

  it('feeds the sample, reports, ends with 0, and has nothing left to do then', async () => {
    const file = join(folder, 'orders.csv');
    copyFileSync(inRepository('demo/samples/orders.csv'), file);
    const rejects = join(folder, 'rejects.ndjson');
    const first = start(file, '--rejects', rejects);
    await expectGood(first);
    const { stdout } = await first.exited;
    expect(stdout).toContain('line 45 is left out: a quantity is negative in cancellations, and only there');
    expect(stdout).toContain('17 customers, 9 guests, 54 invoices as 55 orders');
    const report = ordersOf(first);
    expect(report).toMatchObject({ finished: true, rows: 600, refused: 0, skipped_rows: 0 });
    expect(report.cancellations + total(report.unmatched)).toBe(11);
    expect(report.cancellations).toBeGreaterThan(5);
    const left = readFileSync(rejects, 'utf8').trimEnd().split('\n');
    expect(left).toHaveLength(10);
    expect(JSON.parse(left[0]!)).toMatchObject({ line: 45, reason: 'sign', fields: expect.any(Array) });

    const second = start(file, '--quiet');
    await expectGood(second);
    expect(ordersOf(second)).toEqual({ ...report, ...changing(ordersOf(second)), skipped_rows: 600 });
    expect(second.report()).toMatchObject({ orders_created: 0 });
  }, 120_000);

  it('goes on after the runner was killed, without duplicates', async () => {
    const made = makeFile(1500);
    const killed = start(made.file, '--quiet');
    const { pid } = await killed.info();
    const { code } = await interrupt(killed, 25, () => process.kill(pid, 'SIGKILL'));
    expect(code).not.toBe(0);
    expect(killed.report()).toBeUndefined();

    const next = start(made.file, '--quiet');
    await expectGood(next);
    const report = ordersOf(next);
    // Otherwise it was not in the middle, and this test says nothing.
    expect(report.skipped_rows).toBeLessThan(made.rows);
    expect(next.report()!['orders_created']).toBeGreaterThan(10);
    expect(next.report()!['orders_created']).toBeLessThan(report.orders);
    await expectWhole(made, report);
  }, 180_000);

  it('says no when an app was killed, and goes on without duplicates', async () => {
    const made = makeFile(1500);
    const hit = start(made.file, '--quiet');
    const { app_pids: pids } = await hit.info();
    const { code, stderr } = await interrupt(hit, 25, () => process.kill(pids.order, 'SIGKILL'));
    expect(code).toBe(1);
    expect(stderr).toContain("The app 'order' was ended by SIGKILL by itself");

    const next = start(made.file, '--quiet');
    await expectGood(next);
    expect(next.report()!['orders_created']).toBeGreaterThan(10);
    await expectWhole(made, ordersOf(next));
  }, 180_000);

  it('refuses a file that is not there, or is no file of orders', async () => {
    expect(await start(join(folder, 'none.csv')).exited).toMatchObject({ code: 2 });
    const file = join(folder, 'other.csv');
    copyFileSync(inRepository('package.json'), file);
    const { code, stderr } = await start(file, '--quiet').exited;
    expect(code).toBe(2);
    expect(stderr).toContain('its first line does not name the columns InvoiceNo');
    expect(existsSync(`${file}.store`)).toBe(false);
  }, 120_000);
});

/** What says how long a run took. */
const changing = (report: OrdersReport): Partial<OrdersReport> => {
  const { seconds, rows_per_second: rate } = report as OrdersReport & Record<string, unknown>;
  return { seconds, rows_per_second: rate } as Partial<OrdersReport>;
};
