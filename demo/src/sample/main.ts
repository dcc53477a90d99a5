// `npm run sample-orders`: writes a file of made-up sales in the shape of the UCI data set "Online Retail".
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { SalesSample } from './sales.sample.js';

const USAGE = `Usage: npm run sample-orders -- --out <file> [--rows <number>] [--seed <number>]

Writes sales in the shape of the UCI data set "Online Retail", for npm start -- --orders. The same seed gives the
same file. Bytes are Windows-1252, lines end with CRLF, and some rows are malformed.

  --out <file>     where to
  --rows <number>  how many (default: 400)
  --seed <number>  of the chance in it (default: 1)
`;

/** One byte for each character, as spreadsheets of that kind have it. */
const ENCODING = 'latin1';

const refuse = (problem: string): never => {
  process.stderr.write(`${problem}\n\n${USAGE}`);
  process.exit(2);
};

const whole = (flag: string, text: string): number =>
  /^\d{1,9}$/.test(text) ? Number(text) : refuse(`${flag} '${text}' is not a whole number`);

const FLAGS = {
  out: { type: 'string' },
  rows: { type: 'string', default: '400' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h' },
} as const;

const parsed = (() => {
  try {
    return parseArgs({ options: FLAGS }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
})();

if (parsed.help) process.stdout.write(USAGE);
else {
  const { out = refuse('--out is missing') } = parsed;
  const sample = new SalesSample({ rows: whole('--rows', parsed.rows), seed: whole('--seed', parsed.seed) });
  const bytes = function* (): Generator<Buffer> {
    for (const piece of sample.pieces()) yield Buffer.from(piece, ENCODING);
  };
  await pipeline(Readable.from(bytes()), createWriteStream(out));
  const { rows, invoices, cancellations, malformed } = sample.contents;
  const wrong = Object.values(malformed).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${out}: ${rows} rows, ${invoices.size} invoices, ${cancellations} cancellations, ${wrong} malformed rows\n`,
  );
}
