import { APP_FAULTS, CLUSTER_FAULTS, Fault, FaultKind, SERVER_FAULTS, SINGLE_FAULTS } from './fault.js';
import { SeededRandom } from './random.js';

/** What a schedule can hit. */
export interface Targets {
  readonly apps: readonly string[];
  readonly servers: readonly string[];
  readonly groups: readonly string[];
  readonly streams: readonly string[];
  /** Streams, and consumers as `stream/consumer`. */
  readonly led: readonly string[];
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly targets: Targets;
}

/** Everybody works by then, and there is something to lose. */
const WARM_UP_MS = 2000;
/** Between the end of one fault and the next, so that a recovery can be seen. */
const QUIET_MS = [1500, 3500] as const;
/** How often a fault of the other side is added to one. */
const PAIRED = 0.25;

const kindsFor = (servers: number): readonly FaultKind[] => [
  ...APP_FAULTS,
  ...SERVER_FAULTS,
  ...(servers > 1 ? CLUSTER_FAULTS : SINGLE_FAULTS),
];

const isOfApps = (kind: FaultKind): boolean => APP_FAULTS.some((candidate) => candidate === kind);

/** Every kind comes up once before any comes up again. */
class Bag {
  private kinds: FaultKind[] = [];

  constructor(
    private readonly all: readonly FaultKind[],
    private readonly random: SeededRandom,
  ) {}

  take(fits: (kind: FaultKind) => boolean = () => true): FaultKind {
    if (!this.kinds.some(fits)) this.kinds.push(...this.random.shuffled(this.all));
    const [kind] = this.kinds.splice(this.kinds.findIndex(fits), 1);
    if (kind === undefined) throw new RangeError('There is no such fault');
    return kind;
  }
}

type Draw = (random: SeededRandom, targets: Targets) => Omit<Fault, 'kind' | 'atMs'>;

const CUTS = ['sever', 'freeze'] as const;
const CLOCK_SHIFTS_MS = [-3_600_000, -45_000, -5000, 5000, 45_000, 3_600_000] as const;

const DRAWS: Readonly<Record<FaultKind, Draw>> = {
  'kill-app': (random, { apps }) => ({ forMs: random.between(100, 1500), target: random.pick(apps) }),
  // Some last longer than the servers wait for an acknowledgement, and than leases do.
  'pause-app': (random, { apps }) => ({ forMs: random.between(500, 7000), target: random.pick(apps) }),
  'shift-clock': (random, { apps }) => ({
    forMs: random.between(1000, 4000),
    target: random.pick(apps),
    shiftMs: random.pick(CLOCK_SHIFTS_MS),
  }),
  'cut-client': (random, { apps }) => ({
    forMs: random.between(500, 5000),
    target: random.pick(apps),
    cut: random.pick(CUTS),
  }),
  'delete-consumer': (random, { groups }) => ({ forMs: 0, target: random.pick(groups) }),
  'kill-server': (random, { servers }) => ({
    forMs: random.between(200, 2500),
    target: random.pick(servers),
  }),
  'pause-server': (random, { servers }) => ({
    forMs: random.between(500, 4000),
    target: random.pick(servers),
  }),
  'slow-server': (random, { servers }) => ({
    forMs: random.between(500, 4000),
    target: random.pick(servers),
  }),
  'fill-store': (random) => ({ forMs: random.between(500, 2500), target: 'all' }),
  'fill-stream': (random, { streams }) => ({
    forMs: random.between(500, 2500),
    target: random.pick(streams),
  }),
  'step-down': (random, { led }) => ({ forMs: 0, target: random.pick(led) }),
  'cut-nodes': (random, { servers }) => ({
    forMs: random.between(1000, 5000),
    target: random.pick(servers),
    cut: random.pick(CUTS),
  }),
};

/** What goes wrong when: the same for the same seed, length and targets. */
export const faultSchedule = ({ seed, seconds, targets }: ScheduleOptions): Fault[] => {
  const random = new SeededRandom(seed);
  const bag = new Bag(kindsFor(targets.servers.length), random);
  const faults: Fault[] = [];
  const draw = (kind: FaultKind, atMs: number): Fault => ({ kind, atMs, ...DRAWS[kind](random, targets) });
  let atMs = WARM_UP_MS;
  for (;;) {
    const fault = draw(bag.take(), atMs);
    if (atMs + fault.forMs + QUIET_MS[0] > seconds * 1000) return faults;
    faults.push(fault);
    if (random.chance(PAIRED)) {
      const kind = bag.take((other) => isOfApps(other) !== isOfApps(fault.kind));
      faults.push(draw(kind, atMs + random.between(0, fault.forMs)));
    }
    const last = Math.max(...faults.slice(-2).map(({ atMs: begins, forMs }) => begins + forMs));
    atMs = last + random.between(...QUIET_MS);
  }
};
