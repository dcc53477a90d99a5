import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  /** The topologies to run, one after the other; the time is shared between them. */
  readonly nodes: readonly (1 | 3)[];
  readonly json: string | undefined;
  /** Keep what was written down, also of a run without a violation. */
  readonly keep: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run chaos -- [--seconds 60] [--seed 7] [--nodes 1|3] [--json chaos.json] [--keep]
  --seconds  how long faults go on, altogether (default 60)
  --seed     of the schedule of faults and of the events (default: by the clock)
  --nodes    a single server, or a cluster of three (default: half of the time each)
  --json     write what came of it to this file
  --keep     keep journals, logs and stores, which a run without a violation removes`;

/** @throws TypeError where the arguments make no sense. */
export const readOptions = (args: readonly string[]): ChaosOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string' },
      nodes: { type: 'string' },
      json: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    seconds: positive('seconds', values.seconds),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : positive('seed', values.seed),
    nodes: topologies(values.nodes),
    json: values.json,
    keep: values.keep,
    help: values.help,
  };
};

const positive = (name: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`--${name} ${text}: give a whole number of at least 1`);
};

const topologies = (text: string | undefined): readonly (1 | 3)[] => {
  if (text === undefined) return [1, 3];
  if (text === '1') return [1];
  if (text === '3') return [3];
  throw new TypeError(`--nodes ${text}: give 1 or 3`);
};
