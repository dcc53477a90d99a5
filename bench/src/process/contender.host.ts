import { Contender } from '../contender.js';
import { endWithParent } from './end.with.parent.js';
import { Answer, Failure, Order, Taken } from './messages.js';

/** Opens the contender that the arguments name, on the server at `url`. */
export type OpenContender = (url: string, ...args: readonly string[]) => Promise<Contender>;

/** Opens the contender of the given name: each imports what it needs when it is opened, and nothing of the others. */
export const openNamed =
  (contenders: Readonly<Record<string, (url: string) => Promise<Contender>>>): OpenContender =>
  (url, name = '') => {
    const open = contenders[name];
    if (open) return open(url);
    throw new TypeError(`There is no contender '${name}'`);
  };

/** The child's side: opens one contender in this process, and does with it what the parent says. */
export const host = async (open: OpenContender): Promise<void> => {
  endWithParent();
  process.once('uncaughtException', (error) => tell({ failure: failureOf(error) }, () => process.exit(1)));
  const [url = '', ...args] = process.argv.slice(2);
  try {
    const contender = await open(url, ...args);
    process.on('message', (order: Order) => {
      void perform(contender, order).then(
        (value) => tell({ value }),
        (error: unknown) => tell({ failure: failureOf(error) }),
      );
    });
    tell({ value: contender.name });
  } catch (error) {
    tell({ failure: failureOf(error) });
  }
};

const tell = (answer: Answer, onSent?: () => void): void => {
  process.send?.(answer, undefined, undefined, onSent);
};

const failureOf = (error: unknown): Failure => {
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  return { message, stack };
};

const perform = async (contender: Contender, { task, count }: Order): Promise<unknown> =>
  TASKS[task](contender, count);

// No collection of garbage is forced before it: that was tried, and made what follows up to three times as dear.
const measured = async (contender: Contender, count: number): Promise<Taken> => {
  if (contender.run === undefined)
    throw new TypeError(`${contender.name} is not made to be measured as a rate`);
  const before = process.cpuUsage();
  const start = performance.now();
  const tookMs = (await contender.run(count)) ?? performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { tookMs, cpuMicros: user + system };
};

const sampled = (contender: Contender, count: number): Promise<readonly number[]> => {
  if (contender.sample === undefined)
    throw new TypeError(`${contender.name} is not made to be timed piece by piece`);
  return contender.sample(count);
};

const TASKS: Readonly<Record<Order['task'], (contender: Contender, count: number) => Promise<unknown>>> = {
  prepare: async (contender, count) => contender.prepare?.(count),
  run: measured,
  sample: sampled,
  close: (contender) => contender.close(),
};
