/** What a unit of the stress goes through, in order. Each counts from when the unit was due. */
export const STAGES = ['registered', 'announced', 'placed', 'created', 'paid', 'processing'] as const;
export type Stage = (typeof STAGES)[number];

/** What each stage waits for, as the report says it. */
export const STAGE_TEXTS: Record<Stage, string> = {
  registered: 'RegisterUser answered',
  announced: 'user.registered stored',
  placed: 'PlaceOrder answered',
  created: 'order.created stored',
  paid: 'order.paid stored',
  processing: 'order.processing stored',
};

/** How long a stage took, over all units that came so far. Milliseconds. */
export interface Latencies {
  stage: Stage;
  count: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

export const summarize = (stage: Stage, samples: readonly number[]): Latencies => {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number): number =>
    rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  return { stage, count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
};

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
