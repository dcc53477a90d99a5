import { COLUMNS } from '../input/rows/row.parser.js';
import { BLEMISHES, Fields } from './blemishes.js';
import { csvLine } from './csv.line.js';
import { Dice } from './dice.js';
import { COUNTRIES, GOODS } from './goods.js';

export interface SampleOptions {
  readonly rows: number;
  readonly seed: number;
}

/** What went into a sample, to hold against what comes of it. */
export interface SampleContents {
  rows: number;
  customers: Set<string>;
  guests: number;
  /** By number: how many lines. */
  invoices: Map<string, number>;
  cancellations: number;
  malformed: Record<string, number>;
}

interface Purchase {
  readonly invoice: string;
  readonly customer: string;
  readonly sku: string;
}

const FIRST_INVOICE = 536_365;
const FIRST_CUSTOMER = 12_346;
const FIRST_DAY = Date.UTC(2010, 11, 1, 8, 26);
const MINUTE_MS = 60_000;
/** Of a thousand documents, and of a thousand rows. */
const CANCELLATIONS = 120;
const GUESTS = 140;
const HUGE = 6;
const MALFORMED = 12;
const REMEMBERED = 64;
const ROWS_PER_CUSTOMER = 110;

/** Sales in the shape of the UCI data set "Online Retail", made up, and wrong here and there as real files are. */
export class SalesSample {
  readonly contents: SampleContents = {
    rows: 0,
    customers: new Set(),
    guests: 0,
    invoices: new Map(),
    cancellations: 0,
    malformed: {},
  };
  private readonly dice: Dice;
  private readonly recent: Purchase[] = [];
  private number = FIRST_INVOICE;
  private at = FIRST_DAY;

  constructor(private readonly options: SampleOptions) {
    this.dice = new Dice(options.seed);
  }

  /** The file, a piece at a time: text whose characters are all below U+0100. */
  *pieces(): Generator<string> {
    yield csvLine(COLUMNS);
    while (this.contents.rows < this.options.rows) {
      this.at += this.dice.between(1, 9) * MINUTE_MS;
      const number = String(this.number++);
      const purchase =
        this.recent.length > 0 && this.dice.happens(CANCELLATIONS) ? this.anyPurchase() : undefined;
      yield purchase ? this.cancellation(number, purchase) : this.invoice(number);
    }
  }

  private invoice(number: string): string {
    const customer = this.dice.happens(GUESTS) ? '' : this.customer();
    const country = this.dice.pick(COUNTRIES);
    const wanted = this.dice.happens(HUGE)
      ? this.dice.between(101, 230)
      : this.dice.between(1, this.dice.between(1, 40));
    let text = '';
    let lines = 0;
    for (let left = wanted; left > 0 && this.contents.rows < this.options.rows; left--) {
      const { sku, description, price } = this.dice.pick(GOODS);
      const quantity = String(this.dice.between(1, 24));
      const fields: Fields = [number, sku, description, quantity, this.date(), price, customer, country];
      const spoilt = this.dice.happens(MALFORMED);
      text += spoilt ? this.malformed(fields) : this.row(fields);
      if (spoilt) continue;
      lines++;
      if (customer !== '') this.remember({ invoice: number, customer, sku });
    }
    if (lines > 0) this.count(number, { customer, lines });
    return text;
  }

  private cancellation(own: string, { invoice, customer, sku }: Purchase): string {
    const number = this.dice.happens(250) ? invoice : own;
    const code = this.dice.happens(100) ? 'MANUAL' : sku;
    this.contents.cancellations++;
    const quantity = String(-this.dice.between(1, 12));
    return this.row([
      `C${number}`,
      code,
      'RETURNED',
      quantity,
      this.date(),
      '1.25',
      customer,
      'United Kingdom',
    ]);
  }

  private row(fields: Fields): string {
    this.contents.rows++;
    return csvLine(fields);
  }

  private malformed(fields: Fields): string {
    const { reason, spoil } = this.dice.pick(BLEMISHES);
    this.contents.rows++;
    this.contents.malformed[reason] = (this.contents.malformed[reason] ?? 0) + 1;
    return spoil(fields);
  }

  private count(number: string, { customer, lines }: { customer: string; lines: number }): void {
    this.contents.invoices.set(number, lines);
    if (customer === '') this.contents.guests++;
    else this.contents.customers.add(customer);
  }

  private customer(): string {
    const population = 12 + Math.floor(this.options.rows / ROWS_PER_CUSTOMER);
    return String(FIRST_CUSTOMER + this.dice.between(0, population - 1));
  }

  private anyPurchase(): Purchase | undefined {
    return this.recent[this.dice.between(0, this.recent.length - 1)];
  }

  private remember(purchase: Purchase): void {
    this.recent.push(purchase);
    if (this.recent.length > REMEMBERED) this.recent.shift();
  }

  /** As in `12/1/2010 8:26`. */
  private date(): string {
    const date = new Date(this.at);
    const minutes = String(date.getUTCMinutes()).padStart(2, '0');
    return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${date.getUTCHours()}:${minutes}`;
  }
}
