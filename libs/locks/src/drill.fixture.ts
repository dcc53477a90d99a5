import { Child, pause, Told, until } from './locks.fixture.js';

// The longer drill: LOCK_DRILL_PROCESSES=8 LOCK_DRILL_SECONDS=60.
const PROCESSES = Number(process.env['LOCK_DRILL_PROCESSES'] ?? 4);
const SECONDS = Number(process.env['LOCK_DRILL_SECONDS'] ?? 10);

export const DRILL_TIMEOUT_MS = SECONDS * 1000 + 110_000;

const SETTLE_MS = 45_000;
const SHORT_FREEZE_MS = 200;
/** Past the TTL. */
const LONG_FREEZE_MS = 1600;

export interface DrillOptions {
  /** Each contender connects to one of them at first, and learns of the others. */
  urls: readonly string[];
  /** What is done to the server, now and then. */
  hurtServer: () => Promise<void>;
}

export interface DrillReport {
  handOvers: number;
  /** Accesses to the resource under a token older than one that it had seen. */
  overlaps: readonly Access[];
  faults: { kills: number; freezes: number; servers: number };
}

interface Access {
  token: number;
  step: number;
}

/** Processes contend for one lock and work on this process's resource, while they and their server are hurt at random. */
export const drill = async ({ urls, hurtServer }: DrillOptions): Promise<DrillReport> => {
  const accesses: Access[] = [];
  const onTold = ({ what, token = 0, step = 0 }: Told, child: Child): void => {
    if (what !== 'access') return;
    accesses.push({ token, step: Number(step) });
    child.say({});
  };
  const begin = (at: number): Child =>
    Child.start('contender', { url: urls[at % urls.length], name: 'drill', ttl: '1s' }, onTold);
  const contenders = Array.from({ length: PROCESSES }, (_, at) => begin(at));
  await until('they work', () => accesses.length > 20, SETTLE_MS);
  const deadline = performance.now() + SECONDS * 1000;
  const faults = { kills: 0, freezes: 0, servers: 0 };
  while (performance.now() < deadline) {
    const at = Math.floor(Math.random() * PROCESSES);
    const fate = Math.random();
    if (fate < 0.1 || faults.servers === 0) {
      await hurtServer();
      faults.servers++;
    } else if (fate < 0.4) {
      contenders[at]?.kill('SIGKILL');
      contenders[at] = begin(at);
      faults.kills++;
    } else {
      contenders[at]?.kill('SIGSTOP');
      await pause(Math.random() < 0.5 ? SHORT_FREEZE_MS : LONG_FREEZE_MS);
      contenders[at]?.kill('SIGCONT');
      faults.freezes++;
    }
    await pause(200);
  }
  const before = accesses.length;
  await until('they go on working', () => accesses.length > before + 20, SETTLE_MS);
  const handOvers = new Set(accesses.map(({ token }) => token)).size;
  const overlaps = accesses.filter(({ token }, at) => at > 0 && token < (accesses[at - 1]?.token ?? 0));
  process.stdout.write(
    `${PROCESSES} processes, ${SECONDS} s, ${JSON.stringify(faults)}: ${handOvers} hand-overs, ${overlaps.length} overlaps\n`,
  );
  return { handOvers, overlaps, faults };
};
