import { writeFile } from 'node:fs/promises';
import { startNatsServer } from '@millrace/nats-server';
import { Arguments, readArguments, USAGE } from './arguments.js';
import { machine } from './machine.js';
import { keepEvidence, writeReport } from './report.js';
import { Row } from './row.js';
import { Suite } from './suite.js';
import { SUITES } from './suites.js';

const show = ({ contender, unit, median, min, max, ratio, cpuMicros }: Row): string =>
  `  ${contender.padEnd(54)} ${String(median).padStart(9)} ${unit.padEnd(10)}  (${min} to ${max})  ${ratio.toFixed(2)} of the reference${
    cpuMicros === undefined ? '' : `  ${cpuMicros} µs of processor time each`
  }`;

const print = (rows: readonly Row[]): void => {
  for (const [at, row] of rows.entries()) {
    if (row.case !== rows[at - 1]?.case) console.log(`${row.suite}: ${row.case}`);
    console.log(show(row));
  }
};

const runSuite = async (suite: Suite, options: Arguments): Promise<Row[]> => {
  const { rounds, count = suite.count, brief } = options;
  console.log(`\n${suite.name}: ${rounds} rounds of ${count}, interleaved; ${suite.setting}`);
  const server = await startNatsServer();
  try {
    const rows = await suite.run({ url: server.url, rounds, count, brief });
    print(rows);
    if (options.report) {
      const { name, setting } = suite;
      await keepEvidence({ suite: name, setting, machine: await machine(), rounds, count, rows });
    }
    return rows;
  } finally {
    await server.stop();
  }
};

const main = async (): Promise<void> => {
  const options = readArguments(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  console.log(await machine());
  const rows: Row[] = [];
  for (const suite of options.suites) rows.push(...(await runSuite(suite, options)));
  if (options.report) await writeReport(SUITES.map(({ name }) => name));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, undefined, 2)}\n`);
};

try {
  await main();
} catch (error) {
  const usage = error instanceof TypeError;
  console.error(usage ? `${error.message}\n${USAGE}` : error);
  process.exitCode = usage ? 2 : 1;
}
