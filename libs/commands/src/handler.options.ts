import { configInvalid } from '@millrace/core';
import { ConsumerDefaults } from '@millrace/delivery';

/** How a handler takes dispatched commands: see `@Subscribe`, whose options these are. */
export type DurableOptions = Pick<
  ConsumerDefaults,
  'concurrency' | 'retry' | 'timeout' | 'ackWait' | 'maxAckPending'
>;

/** How a handler takes commands. */
export interface HandlerOptions {
  /** How many commands one replica handles at once. Default 256. */
  concurrency?: number;
  /** How many more may wait here; beyond that it answers `COMMAND_OVERLOADED`. Default 256. */
  backlog?: number;
  /**
   * Also takes dispatched commands from the work queue: `true`, or how. Concurrency (default 16) counts apart from
   * that of requests.
   */
  durable?: boolean | DurableOptions;
}

/** What a module gives to all its handlers. */
export type HandlerDefaults = Omit<HandlerOptions, 'durable'> & { durable?: DurableOptions };

/** Options with every default in place. */
export interface ResolvedHandlerOptions {
  concurrency: number;
  backlog: number;
  /** `undefined`: takes no dispatched commands. */
  durable: DurableOptions | undefined;
}

const DEFAULTS = { concurrency: 256, backlog: 256 } as const;

/** @throws MillraceError `CONFIG_INVALID` */
export const resolveHandlerOptions = (
  options: HandlerOptions,
  defaults: HandlerDefaults,
): ResolvedHandlerOptions => {
  const { durable } = options;
  const merged = { ...DEFAULTS, ...defaults, ...options };
  return {
    concurrency: atLeast(1, merged.concurrency, 'concurrency'),
    backlog: atLeast(0, merged.backlog, 'backlog'),
    durable: durable ? { ...defaults.durable, ...(durable === true ? {} : durable) } : undefined,
  };
};

const atLeast = (least: number, value: number, name: string): number => {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw configInvalid(`${name} is ${value}`, `Give a whole number of at least ${least}`);
};
