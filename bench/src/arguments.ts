import { parseArgs } from 'node:util';
import { Suite } from './suite.js';
import { SUITES } from './suites.js';

export const USAGE = `npm run bench -- [suite …] [--rounds 5] [--count <pieces per round>] [--json out.json] [--report]
suites: ${SUITES.map(({ name }) => name).join(', ')} (default: all)
--report  writes what was measured into docs/performance.md, with plots
--smoke   one short round of every kind of work: whether it runs, not how fast
In events, BullMQ takes part where a redis-server is found, other NestJS packages after: npm ci --prefix bench/peers`;

export interface Arguments {
  readonly suites: readonly Suite[];
  readonly rounds: number;
  /** Pieces per round in place of the suites' own. */
  readonly count: number | undefined;
  /** One size of each kind of work is enough. */
  readonly brief: boolean;
  readonly json: string | undefined;
  readonly report: boolean;
  readonly help: boolean;
}

const SMOKE = { rounds: 1, count: 500, brief: true } as const;

const positive = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`--${name} ${text}: give a whole number of at least 1`);
};

const suiteOf = (name: string): Suite => {
  const suite = SUITES.find((one) => one.name === name);
  if (suite) return suite;
  throw new TypeError(`There is no suite '${name}'`);
};

/** @throws TypeError for arguments that make no sense. */
export const readArguments = (args: readonly string[]): Arguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      count: { type: 'string' },
      json: { type: 'string' },
      report: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const size = values.smoke
    ? SMOKE
    : {
        rounds: positive(values.rounds, 'rounds'),
        count: values.count === undefined ? undefined : positive(values.count, 'count'),
        brief: false,
      };
  return {
    suites: positionals.length > 0 ? positionals.map(suiteOf) : SUITES,
    ...size,
    json: values.json,
    report: values.report,
    help: values.help,
  };
};
