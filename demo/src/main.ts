import { DemoOptions, parseOptions, USAGE } from './options/demo.options.js';
import { removeFile, whyNotWritable } from './files/atomic.file.js';
import { whyNotOrders } from './input/invoices/unit.reader.js';
import { DemoRun } from './run/demo.run.js';
import { Interrupts } from './run/interrupts.js';
import { paintFor } from './timeline/paint.js';

const FORCED = 130;

const refuse = (problem: string): never => {
  process.stderr.write(`${problem}\n\n${USAGE}`);
  process.exit(2);
};

/** Whether this run ended well must not be read from the files of an earlier one. */
const prepareFiles = async (options: DemoOptions): Promise<void> => {
  const { reportFile, infoFile, rejectsFile, ordersFile } = options;
  const unusable = ordersFile === undefined ? undefined : await whyNotOrders(ordersFile);
  if (unusable !== undefined) refuse(`${ordersFile} cannot be fed: ${unusable}`);
  for (const file of [reportFile, infoFile, rejectsFile]) {
    if (file === undefined) continue;
    const problem = whyNotWritable(file);
    if (problem !== undefined) refuse(`${file} cannot be written: ${problem}`);
    removeFile(file);
  }
};

const start = async (options: DemoOptions, startedAt: number): Promise<void> => {
  await prepareFiles(options);
  const interrupts = new Interrupts(() => {
    run.kill();
    process.exit(FORCED);
  });
  const run = new DemoRun({
    options,
    startedAt,
    env: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    paint: paintFor(process.stdout, process.env),
    stop: interrupts.stop,
  });
  interrupts.listen(process.env);
  const problems = await run.run();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
};

const parsed = parseOptions(process.argv.slice(2), process.env);
switch (parsed.kind) {
  case 'help':
    process.stdout.write(USAGE);
    break;
  case 'invalid':
    refuse(parsed.problem);
    break;
  case 'run':
    await start(parsed.options, performance.now());
    break;
}
