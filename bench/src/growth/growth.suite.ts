import { measure } from '../measure.js';
import { withBus } from '../open.bus.js';
import { openingsOf, withContenders } from '../process/contender.process.js';
import { Row } from '../row.js';
import { Bench, Suite } from '../suite.js';
import { IN_FLIGHT, publish } from './publish.js';
import { contractsOf, Size } from './size.js';

const PROGRAM = new URL('./growth.contender.js', import.meta.url);

/** The same by hand. */
const RAW = new URL('./raw.contender.js', import.meta.url);
/** What is measured at each size. */
const PIECES = 5_000;
const SUBSCRIBERS = [1, 10, 50, 200];
const CONTEXTS = [1, 10, 100];
/** Of the count: 10,000 to 5,000,000 where it is 5,000,000. */
const STORED_SHARES = [0.002, 0.02, 0.2, 1];
const LEAST_STORED = 100;

const sizesOf = (of: Size['of'], numbers: readonly number[]): Size[] => numbers.map((many) => ({ of, many }));

const BY_SUBSCRIBERS = sizesOf('subscribers', SUBSCRIBERS);
const BY_CONTEXTS = sizesOf('contexts', CONTEXTS);
const byStored = (count: number): Size[] =>
  sizesOf('stored events', [
    ...new Set(STORED_SHARES.map((share) => Math.max(LEAST_STORED, Math.ceil(count * share)))),
  ]);

/** Stores what is to lie there, from this process: none that is measured has done it. */
const fill = (url: string, sizes: readonly Size[]): Promise<void> =>
  withBus(url, async (bus) => {
    for (const size of sizes) await publish(bus, contractsOf(size), size.many);
  });

const compare = (
  { url, rounds, count, brief }: Bench,
  name: string,
  { sizes: all, program = PROGRAM }: { sizes: readonly Size[]; program?: URL },
): Promise<Row[]> => {
  const sizes = brief ? all.slice(1, 2) : all;
  const openings = openingsOf(
    program,
    url,
    sizes.map((size) => JSON.stringify(size)),
  );
  return withContenders(openings, (contenders) =>
    measure(
      { suite: 'growth', name, contenders, unit: 'µs each' },
      { rounds, count: Math.min(count, PIECES) },
    ),
  );
};

/** Whether an event costs the same however much there is of everything else. */
export const growth: Suite = {
  name: 'growth',
  setting: `each size in a process of its own; ${PIECES} events of one number for each, ${IN_FLIGHT} in flight, file storage, one replica; the count is that of stored events, --count 5000000 for the target`,
  count: 100_000,
  run: async (bench) => {
    const rows = [
      ...(await compare(bench, 'by subscribers', { sizes: BY_SUBSCRIBERS })),
      ...(await compare(bench, 'by consumers, raw client', { sizes: BY_SUBSCRIBERS, program: RAW })),
      ...(await compare(bench, 'by contexts', { sizes: BY_CONTEXTS })),
      ...(await compare(bench, 'by streams, raw client', { sizes: BY_CONTEXTS, program: RAW })),
    ];
    const stored = byStored(bench.count);
    await fill(bench.url, stored);
    return [...rows, ...(await compare(bench, 'by stored events', { sizes: stored }))];
  },
};
