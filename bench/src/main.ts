import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Row } from './contender.js';
import { events } from './events.suite.js';
import { locks } from './locks.suite.js';
import { storage } from './storage.suite.js';

const SUITES: Readonly<Record<string, typeof events>> = { events, storage, locks };

const USAGE = `npm run bench -- [suite …] [--rounds 5] [--count 20000] [--json out.json]
suites: ${Object.keys(SUITES).join(', ')} (default: all)`;

const positive = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`--${name} ${text}: give a whole number of at least 1`);
};

const read = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      count: { type: 'string', default: '20000' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const suites = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const unknown = suites.find((suite) => !(suite in SUITES));
  if (unknown !== undefined) throw new TypeError(`There is no suite '${unknown}'`);
  return {
    suites,
    rounds: positive(values.rounds, 'rounds'),
    count: positive(values.count, 'count'),
    json: values.json,
    help: values.help,
  };
};

const show = ({ contender, unit, median, min, max, ratio }: Row): string =>
  `  ${contender.padEnd(40)} ${String(median).padStart(8)} ${unit}  (${min} to ${max})  ${ratio.toFixed(2)} of the reference`;

const main = async (): Promise<void> => {
  const { suites, rounds, count, json, help } = read();
  if (help) return console.log(USAGE);
  console.log(
    `Node ${process.version}, ${cpus().length} cores, ${rounds} rounds of ${count}, file storage, one replica`,
  );
  const rows: Row[] = [];
  for (const suite of suites) {
    const measured = (await SUITES[suite]?.({ rounds, count })) ?? [];
    for (const [at, row] of measured.entries()) {
      if (row.case !== measured[at - 1]?.case) console.log(`${suite}: ${row.case}`);
      console.log(show(row));
    }
    rows.push(...measured);
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, undefined, 2)}\n`);
};

try {
  await main();
} catch (error) {
  const usage = error instanceof TypeError;
  console.error(usage ? `${error.message}\n${USAGE}` : error);
  process.exitCode = usage ? 2 : 1;
}
