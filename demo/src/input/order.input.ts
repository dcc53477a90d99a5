import { UnitReader } from './invoices/unit.reader.js';
import { Unit, userIdOf } from './invoices/unit.js';
import { InputTally } from './progress/input.tally.js';
import { ProgressStore } from './progress/progress.store.js';
import { Reject } from './rows/row.js';
import { CancellationSender } from './sending/cancellation.sender.js';
import { KeyedPool } from './sending/keyed.pool.js';
import { OrderSender, SenderApis } from './sending/order.sender.js';
import { SendOutcome } from './sending/outcome.js';
import { PatientApi, untilDone } from './sending/patient.api.js';
import { Watermark } from './sending/watermark.js';

export interface OrderInputParts {
  readonly file: string;
  /** Bytes to leave out at its beginning. */
  readonly start: number;
  readonly apis: SenderApis;
  readonly store: ProgressStore;
  readonly onReject: (reject: Reject) => Promise<void>;
  /** Resolves when the apps have room for more. */
  readonly pace: () => Promise<void>;
  /** Aborts when no more is to be sent. */
  readonly stop: AbortSignal;
}

/** How far it is. */
export interface InputPosition {
  readonly bytes: number;
  readonly rows: number;
  /** Of them, those that an earlier run had done. */
  readonly skipped: number;
}

/** Requests under way at once, or waiting for one of their customer. */
const AT_ONCE = 24;
const SAVE_MS = 1000;

/**
 * Feeds a file of order lines to the apps. Requests of one customer go out in the order of the file, others side by
 * side. What is done is kept as one number, the row up to which everything is: after a kill the rows behind it are
 * sent again, and since every id follows from the file, those that had arrived change nothing.
 */
export class OrderInput {
  readonly tally: InputTally;
  private readonly reader: UnitReader;
  private readonly orders: OrderSender;
  private readonly cancellations: CancellationSender;
  private readonly pool = new KeyedPool(AT_ONCE);
  private readonly watermark: Watermark<{ unit: Unit; outcome: SendOutcome }>;
  private skipped = 0;

  constructor(private readonly parts: OrderInputParts) {
    const { file, start, apis, stop, store, onReject } = parts;
    this.reader = new UnitReader({ file, start, onReject });
    const order = new PatientApi(apis.order, stop);
    this.orders = new OrderSender({ user: new PatientApi(apis.user, stop), order });
    this.cancellations = new CancellationSender(order, {
      get: (invoice) => untilDone(() => store.decisions.get(invoice), stop),
      set: (invoice, decision) => untilDone(() => store.decisions.set(invoice, decision), stop),
    });
    this.tally = new InputTally();
    this.watermark = new Watermark(({ unit, outcome }) => this.tally.add(unit, outcome));
  }

  get position(): InputPosition {
    return { bytes: this.reader.bytes, rows: this.reader.rows, skipped: this.skipped };
  }

  /** The customers of the file who are registered. */
  get customers(): number {
    return this.orders.customers;
  }

  /** Resolves when everything is sent, or what is under way when it was stopped. */
  async run(): Promise<void> {
    const { store, stop } = this.parts;
    const known = await store.load();
    this.tally.resume(known);
    let savedAt = performance.now();
    for await (const unit of this.reader.read()) {
      if (stop.aborted) break;
      if (unit.row <= known.row) this.pass(unit);
      else await this.take(unit);
      if (performance.now() - savedAt < SAVE_MS) continue;
      // Should it fail, the next one tells as much.
      await store.save(this.tally.toKeep).catch(() => undefined);
      savedAt = performance.now();
    }
    await this.pool.idle();
    if (!stop.aborted) this.tally.finish();
    await store.save(this.tally.toKeep);
  }

  private pass(unit: Unit): void {
    this.skipped = this.reader.rows;
    if (unit.kind === 'order') this.orders.remember(unit);
    this.tally.pass(unit);
  }

  private async take(unit: Unit): Promise<void> {
    await this.parts.pace();
    const done = this.watermark.begin();
    await this.pool.add(userIdOf(unit), async () => {
      const outcome = await this.send(unit).catch((error: unknown) => this.failure(error));
      if (outcome) done({ unit, outcome });
    });
  }

  private send(unit: Unit): Promise<SendOutcome> {
    return unit.kind === 'order' ? this.orders.send(unit) : this.cancellations.send(unit);
  }

  // What the stop left undone is not done: the next run sends it again.
  private failure(error: unknown): SendOutcome | undefined {
    if (this.parts.stop.aborted) return undefined;
    return { kind: 'refused', problem: error instanceof Error ? error.message : String(error) };
  }
}
