import { Ledger, Verdict } from '../ledger/ledger.js';

/** What a run was, in numbers. The names are those of the file. */
export interface RunReport {
  /** From the start of the runner until every app was ready. */
  readonly ready_ms: number;
  readonly nats_url: string;
  readonly ticks: number;
  readonly users_registered: number;
  readonly orders_created: number;
  /** Events stored during the run. */
  readonly events_published: number;
  /** Those of them that every group they should reach has handled. */
  readonly events_handled: number;
  readonly dead_lettered: number;
  /** Those of the users who registered during the run and stayed, as the user app tells them. */
  readonly notifications: number;
}

export interface ReportParts {
  readonly readyMs: number;
  readonly natsUrl: string;
  readonly ledger: Ledger;
  readonly notifications: number;
}

export const createReport = ({ readyMs, natsUrl, ledger, notifications }: ReportParts): RunReport => {
  const { published, handled, deadLettered } = ledger.verdict();
  return {
    ready_ms: Math.round(readyMs),
    nats_url: natsUrl,
    ticks: ledger.countOf('timer.ticked'),
    users_registered: ledger.countOf('user.registered'),
    orders_created: ledger.countOf('order.created'),
    events_published: published,
    events_handled: handled,
    dead_lettered: deadLettered,
    notifications,
  };
};

const SHOWN = 10;

/** What is said at the end. */
export const summaryLines = (report: RunReport, verdict: Verdict): string[] => {
  const counts = [
    `${report.events_published} events published, ${report.events_handled} handled by every group, ${report.dead_lettered} dead letters`,
    `${report.ticks} ticks, ${report.users_registered} users registered, ${report.orders_created} orders created, ${report.notifications} notifications`,
  ];
  if (verdict.complete) return counts;
  const open = verdict.open.slice(0, SHOWN).map(({ event, group, reason }) => {
    const what = `${event.type} ${event.key ?? '-'} (${event.stream} ${event.sequence})`;
    return group === undefined ? `  ${what}: ${reason}` : `  ${what} in ${group}: ${reason}`;
  });
  const more = verdict.open.length > SHOWN ? [`  and ${verdict.open.length - SHOWN} more`] : [];
  const busy = verdict.busy.map((name) => `  ${name}: not everything is settled`);
  const gone = verdict.gone.map((name) => `  ${name}: its consumer is gone from the server`);
  return [...counts, 'Not every event was handled:', ...open, ...more, ...busy, ...gone];
};
