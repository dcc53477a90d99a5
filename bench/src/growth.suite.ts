import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClassOf, NatsModule } from '@millrace/core';
import { Event, EventBus, EventsModule } from '@millrace/events';
import { IsInt } from 'class-validator';
import { inParallel } from './contender.js';
import { Row, rowsOf } from './row.js';
import { Bench, Suite } from './suite.js';

const IN_FLIGHT = 256;
/** What is measured at each size. */
const PIECES = 5_000;
const SUBSCRIBERS = [1, 10, 50, 200];
const CONTEXTS = [1, 10, 100];
/** Of the count: 10,000 to 5,000,000 where it is 5,000,000. */
const STORED_SHARES = [0.002, 0.02, 0.2, 1];

class Numbered {
  @IsInt() n!: number;
}

/** The event classes of one size, each with a subscriber of its own. */
interface Size {
  readonly name: string;
  readonly contracts: readonly ClassOf<Numbered>[];
  /** Events that lie in the stream before any is measured. */
  readonly stored?: number;
}

const contractsOf = (count: number, nameOf: (at: number) => string): ClassOf<Numbered>[] =>
  Array.from({ length: count }, (_, at) => {
    class Grown extends Numbered {}
    Event(nameOf(at))(Grown);
    return Grown;
  });

const bySubscribers = SUBSCRIBERS.map((count) => ({
  name: `${count} subscribers`,
  contracts: contractsOf(count, (at) => `subscribers${count}.grown${at}`),
}));

const byContexts = CONTEXTS.map((count) => ({
  name: `${count} contexts`,
  contracts: contractsOf(count, (at) => `contexts${count}-${at}.grown`),
}));

const byStored = (count: number): Size[] =>
  STORED_SHARES.map((share) => {
    const stored = Math.ceil(count * share);
    const contracts = contractsOf(1, () => `stored${stored}.grown`);
    return { name: `${stored} stored events`, contracts, stored };
  });

const openBus = async (url: string): Promise<{ bus: EventBus; close: () => Promise<void> }> => {
  @Module({ imports: [NatsModule.forRoot({ name: 'growth', servers: url }), EventsModule.forRoot()] })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error'] });
  return { bus: app.get(EventBus), close: () => app.close() };
};

const publish = (bus: EventBus, contracts: Size['contracts'], count: number): Promise<void> =>
  inParallel(IN_FLIGHT, count, async (n) => {
    const contract = contracts[n % contracts.length];
    if (contract) await bus.publish(contract, { n });
  });

const fill = async (url: string, sizes: readonly Size[]): Promise<void> => {
  const { bus, close } = await openBus(url);
  for (const { contracts, stored } of sizes) await publish(bus, contracts, stored ?? 0);
  await close();
};

/** Microseconds for each event, published and handled, with all of the size's subscribers at work. */
const costAt = async (url: string, { contracts }: Size, count: number): Promise<number> => {
  const { bus, close } = await openBus(url);
  let left = count;
  let finish: () => void = () => undefined;
  const handled = new Promise<void>((resolve) => (finish = resolve));
  const onEvent = (): void => {
    if (--left === 0) finish();
  };
  await Promise.all(
    contracts.map((contract, at) => bus.subscribe(contract, onEvent, { group: `grown${at}`, from: 'new' })),
  );
  const start = performance.now();
  await publish(bus, contracts, count);
  await handled;
  const each = ((performance.now() - start) * 1000) / count;
  await close();
  return each;
};

const compare = async (
  { url, rounds, count }: Bench,
  name: string,
  sizes: readonly Size[],
): Promise<Row[]> => {
  await fill(url, sizes);
  const costs = new Map<string, number[]>(sizes.map((size) => [size.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const size of sizes) {
      const cost = await costAt(url, size, Math.min(count, PIECES));
      // The first round warms up, and makes what is missing on the server.
      if (round > 0) costs.get(size.name)?.push(cost);
    }
  }
  const reference = sizes[0]?.name ?? '';
  return rowsOf({ suite: 'growth', case: name, unit: 'µs each', reference }, costs);
};

/** Whether an event costs the same however much there is of everything else. */
export const growth: Suite = {
  name: 'growth',
  setting: `${PIECES} events of one number for each size, ${IN_FLIGHT} in flight, file storage, one replica; the count is that of stored events, --count 5000000 for the target`,
  count: 100_000,
  run: async (bench) => [
    ...(await compare(bench, 'by subscribers', bySubscribers)),
    ...(await compare(bench, 'by contexts', byContexts)),
    ...(await compare(bench, 'by stored events', byStored(bench.count))),
  ],
};
