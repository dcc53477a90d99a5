// `npm run feed-memory`: what the runner holds of a file of order lines while it feeds it, whatever its length.
import { parseArgs } from 'node:util';
import { writeJson } from '../files/atomic.file.js';
import { measureMemory } from './memory.run.js';
import { MEMORY_HEADER, memoryLine } from './memory.sampler.js';

const USAGE = `Usage: npm run feed-memory -- --orders <file> [--every <rows>] [--json <file>]

Feeds the file as npm start does, to a stand-in of the apps in a process of its own, and prints the memory of the
process that feeds: what a garbage collection leaves of the heap, and what was resident before it.

  --orders <file>  as npm run sample-orders writes it
  --every <rows>   from one sample to the next (default: 25000)
  --json <file>    write the samples there, too
`;

const refuse = (problem: string): never => {
  process.stderr.write(`${problem}\n\n${USAGE}`);
  process.exit(2);
};

const { values } = parseArgs({
  options: {
    orders: { type: 'string' },
    every: { type: 'string', default: '25000' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.help) process.stdout.write(USAGE);
else {
  const { orders: file = refuse('--orders is missing'), every, json } = values;
  if (!/^[1-9]\d{0,8}$/.test(every)) refuse(`--every '${every}' is not a whole number`);
  for (const line of MEMORY_HEADER) say(line);
  const onSample = (sample: Parameters<typeof memoryLine>[0]): void => say(memoryLine(sample));
  const samples = await measureMemory({ file, every: Number(every), onSample });
  if (json !== undefined) writeJson(json, samples);
}
