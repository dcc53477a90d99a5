import { UNMATCHED, Unmatched } from '../sending/outcome.js';
import { REJECT_REASONS, RejectReason } from '../rows/row.js';
import { OrderInput } from '../order.input.js';
import { RejectList } from '../rows/reject.list.js';

/** What became of a file of orders, over all runs that fed it. The names are those of the report's file. */
export interface InputReport {
  readonly file: string;
  readonly finished: boolean;
  readonly rows: number;
  readonly customers: number;
  readonly guests: number;
  readonly invoices: number;
  readonly orders: number;
  readonly cancellations: number;
  readonly cancelled_orders: number;
  readonly unmatched: Readonly<Record<string, number>>;
  readonly malformed: Readonly<Record<string, number>>;
  /** Of this run, like all that follows. */
  readonly refused: number;
  readonly skipped_rows: number;
  readonly seconds: number;
  readonly rows_per_second: number;
}

export interface InputReportParts {
  readonly file: string;
  readonly input: OrderInput;
  readonly rejects: RejectList;
  readonly ms: number;
}

export const createInputReport = ({ file, input, rejects, ms }: InputReportParts): InputReport => {
  const { tally, position, customers } = input;
  const seconds = ms / 1000;
  return {
    file,
    finished: tally.progress.finished,
    rows: position.rows,
    customers,
    guests: tally.guests,
    invoices: tally.invoices,
    orders: tally.orders,
    cancellations: tally.progress.cancellations,
    cancelled_orders: tally.progress.cancelledOrders,
    unmatched: tally.progress.unmatched,
    malformed: rejects.byReason,
    refused: tally.refused,
    skipped_rows: position.skipped,
    seconds: Math.round(seconds * 10) / 10,
    rows_per_second: seconds > 0 ? Math.round((position.rows - position.skipped) / seconds) : 0,
  };
};

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const itemised = (
  counts: Readonly<Record<string, number>>,
  texts: Readonly<Record<string, string>>,
): string[] => Object.entries(counts).map(([reason, count]) => `  ${count} × ${texts[reason] ?? reason}`);

/** What is said of it at the end. */
export const inputLines = (report: InputReport): string[] => {
  const split = report.orders - report.invoices;
  const resumed = report.skipped_rows > 0 ? `, ${report.skipped_rows} of them by an earlier run` : '';
  const malformed = total(report.malformed);
  const unmatched = total(report.unmatched);
  return [
    `${report.rows} rows${resumed}, ${report.rows_per_second} rows/s`,
    `${report.customers} customers, ${report.guests} guests, ${report.invoices} invoices as ${report.orders} orders${split > 0 ? ' (split where an order has too many lines)' : ''}`,
    `${report.cancellations} cancellations of ${report.cancelled_orders} orders, ${unmatched} matching nothing${unmatched > 0 ? ':' : ''}`,
    ...itemised(report.unmatched, UNMATCHED satisfies Record<Unmatched, string>),
    `${malformed} rows left out${malformed > 0 ? ':' : ''}`,
    ...itemised(report.malformed, REJECT_REASONS satisfies Record<RejectReason, string>),
    ...(report.refused > 0 ? [`${report.refused} orders or cancellations refused`] : []),
    ...(report.finished ? [] : ['The file is not done: the same command goes on']),
  ];
};
