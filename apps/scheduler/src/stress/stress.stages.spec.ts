import { summarize } from './stress.stages.js';

describe('latencies', () => {
  it('are percentiles by nearest rank', () => {
    const samples = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(summarize('paid', samples)).toEqual({
      stage: 'paid',
      count: 100,
      p50: 50,
      p90: 90,
      p99: 99,
      max: 100,
    });
    expect(summarize('paid', [7])).toEqual({ stage: 'paid', count: 1, p50: 7, p90: 7, p99: 7, max: 7 });
  });

  it('are nothing of nothing', () => {
    expect(summarize('created', [])).toEqual({ stage: 'created', count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });
});
