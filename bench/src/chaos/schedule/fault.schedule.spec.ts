import { APP_FAULTS, CLUSTER_FAULTS, describeFault, SERVER_FAULTS, SINGLE_FAULTS } from './fault.js';
import { faultSchedule, Targets } from './fault.schedule.js';

const cluster: Targets = {
  apps: ['publisher-1', 'worker-1', 'worker-2'],
  servers: ['chaos-1', 'chaos-2', 'chaos-3'],
  groups: ['plain', 'ledger'],
  streams: ['EVENTS_chaos', 'KV_accounts'],
  led: ['EVENTS_chaos', 'EVENTS_chaos/plain'],
};
const single: Targets = { ...cluster, servers: ['chaos-1'] };
const kindsOf = (seconds: number, targets: Targets) =>
  new Set(faultSchedule({ seed: 7, seconds, targets }).map(({ kind }) => kind));

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    const schedule = (seed: number) =>
      faultSchedule({ seed, seconds: 60, targets: cluster }).map(describeFault);
    expect(schedule(7)).toEqual(schedule(7));
    expect(schedule(7)).not.toEqual(schedule(8));
  });

  it('begins alike however long the run is', () => {
    const short = faultSchedule({ seed: 7, seconds: 30, targets: cluster });
    const long = faultSchedule({ seed: 7, seconds: 90, targets: cluster });
    expect(short.length).toBeGreaterThan(2);
    expect(long.slice(0, short.length - 1)).toEqual(short.slice(0, -1));
  });

  it('has every kind that the topology allows, and no other', () => {
    expect(kindsOf(240, cluster)).toEqual(new Set([...APP_FAULTS, ...SERVER_FAULTS, ...CLUSTER_FAULTS]));
    expect(kindsOf(240, single)).toEqual(new Set([...APP_FAULTS, ...SERVER_FAULTS, ...SINGLE_FAULTS]));
  });

  it('never takes away two servers at once, which no cluster of three survives', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const ofServers = faultSchedule({ seed, seconds: 120, targets: cluster }).filter(
        ({ kind }) => !APP_FAULTS.some((candidate) => candidate === kind),
      );
      for (const [at, { atMs }] of ofServers.entries()) {
        const before = ofServers[at - 1];
        expect(before === undefined || before.atMs + before.forMs < atMs).toBe(true);
      }
    }
  });

  it('mends everything within the run', () => {
    const faults = faultSchedule({ seed: 3, seconds: 60, targets: cluster });
    for (const { atMs, forMs } of faults) expect(atMs + forMs).toBeLessThan(60_000);
  });

  it('reads like a diary', () => {
    const cut = { kind: 'cut-client', atMs: 12_340, forMs: 1800, target: 'worker-2', cut: 'freeze' } as const;
    expect(describeFault(cut)).toBe('  12.3 s  cut-client worker-2 (freeze) for 1.8 s');
    const shift = { kind: 'shift-clock', atMs: 0, forMs: 1000, target: 'worker-1', shiftMs: 5000 } as const;
    expect(describeFault(shift)).toBe('   0.0 s  shift-clock worker-1 (+5 s) for 1.0 s');
    expect(describeFault({ kind: 'step-down', atMs: 5000, forMs: 0, target: 'KV_accounts' })).toBe(
      '   5.0 s  step-down KV_accounts',
    );
  });
});
