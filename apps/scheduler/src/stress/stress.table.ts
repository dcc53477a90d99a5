import { STAGE_TEXTS } from './stress.stages.js';
import { type StressRun } from './stress.bucket.js';

const COLUMNS = ['p50', 'p90', 'p99', 'max'] as const;

/** A run as a table for the terminal. */
export const tableOf = (run: StressRun): string => {
  const { sent, answered, refused, failed, cancelled, lost } = run.counts;
  const names = run.stages.map(({ stage }) => STAGE_TEXTS[stage]);
  const width = Math.max(...names.map((name) => name.length));
  const cells = (values: readonly (string | number)[]): string =>
    values.map((value) => String(value).padStart(9)).join(' ');
  return [
    `stress ${run.id}: ${run.state}, ${run.ratePerSecond} per second for ${run.seconds} s`,
    ...(run.error === undefined ? [] : [run.error]),
    `sent ${sent}, answered ${answered}, refused ${refused}, failed ${failed}, cancelled ${cancelled}, lost ${lost}`,
    '',
    `${'ms since it was due'.padEnd(width)} ${cells(['count', ...COLUMNS])}`,
    ...run.stages.map(
      (stage, at) =>
        `${(names[at] ?? '').padEnd(width)} ${cells([stage.count, ...COLUMNS.map((name) => stage[name].toFixed(1))])}`,
    ),
    '',
  ].join('\n');
};
