import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDrill } from './drill.js';
import { ChaosOptions, readOptions, USAGE } from './drill.options.js';
import { combine, linesOf, reportOf, RunReport } from './report.js';
import { judge } from './verdict/verdict.js';

const INTERRUPTED = 130;

const say = (line: string): void => console.log(line);

const runAll = async (
  { nodes, seconds, seed }: ChaosOptions,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<RunReport[]> => {
  const runs: RunReport[] = [];
  for (const size of nodes) {
    const share = Math.ceil(seconds / nodes.length);
    say(`seed ${seed}, ${size === 1 ? 'one server' : `${size} servers`}, ${share} s`);
    const own = join(folder, `${size}-nodes`);
    const record = await runDrill({ nodes: size, seconds: share, seed, folder: own, signal, say });
    await writeFile(join(own, 'record.json'), JSON.stringify(record));
    const run = reportOf(size, record, judge(record));
    for (const line of linesOf(run)) say(line);
    runs.push(run);
  }
  return runs;
};

const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => interrupt.abort(new Error(`Stopped by ${signal}`)));
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
  let ok = false;
  try {
    const runs = await runAll(options, { folder, signal: interrupt.signal });
    const report = combine(options.seed, options.seconds, runs);
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    ok = report.violations.length === 0;
    say(ok ? 'No violation.' : `${report.violations.length} violations; to repeat: --seed ${options.seed}`);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    say('Stopped.');
    ok = true;
    return INTERRUPTED;
  } finally {
    if (ok && !options.keep) await rm(folder, { recursive: true, force: true });
    else say(`What was written down is kept in ${folder}`);
  }
  return ok ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  const usage = error instanceof TypeError;
  console.error(usage ? `${error.message}\n${USAGE}` : error);
  process.exitCode = usage ? 2 : 1;
}
