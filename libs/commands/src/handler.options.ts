import { configInvalid } from '@millrace/core';

/** How a handler takes commands. */
export interface HandlerOptions {
  /** How many commands one replica handles at once. Default 256. */
  concurrency?: number;
  /** How many more may wait here; beyond that it answers `COMMAND_OVERLOADED`. Default 256. */
  backlog?: number;
}

/** What a module gives to all its handlers. */
export type HandlerDefaults = HandlerOptions;

/** Options with every default in place. */
export interface ResolvedHandlerOptions {
  concurrency: number;
  backlog: number;
}

const DEFAULTS = { concurrency: 256, backlog: 256 } as const;

/** @throws MillraceError `CONFIG_INVALID` */
export const resolveHandlerOptions = (
  options: HandlerOptions,
  defaults: HandlerDefaults,
): ResolvedHandlerOptions => {
  const merged = { ...DEFAULTS, ...defaults, ...options };
  return {
    concurrency: atLeast(1, merged.concurrency, 'concurrency'),
    backlog: atLeast(0, merged.backlog, 'backlog'),
  };
};

const atLeast = (least: number, value: number, name: string): number => {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw configInvalid(`${name} is ${value}`, `Give a whole number of at least ${least}`);
};
