const numberOf = (name: string, otherwise: number): number => {
  const text = process.env[name];
  return text === undefined || text === '' ? otherwise : Number(text);
};

/**
 * `FUZZ_SEED` repeats a run, or makes another one. `FUZZ_SECONDS` is how long requests are sent at most, and `FUZZ_RUNS`
 * how many at most to each route; `FUZZ_EVENTS` is how many events of each type are published.
 */
export const FUZZ = {
  seed: numberOf('FUZZ_SEED', 20_261_129),
  seconds: numberOf('FUZZ_SECONDS', 66),
  runs: numberOf('FUZZ_RUNS', 170),
  events: numberOf('FUZZ_EVENTS', 40),
} as const;
