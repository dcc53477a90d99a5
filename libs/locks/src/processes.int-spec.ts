import { NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  Child,
  closeLocks,
  endChildren,
  OpenLocks,
  openLocks,
  pause,
  timed,
  Told,
  until,
  waiters,
} from './locks.fixture.js';

let server: NatsServer;
let here: OpenLocks;

beforeAll(async () => {
  server = await startNatsServer();
  here = await openLocks(server.url, { name: 'here' });
});
afterEach(endChildren, 20_000);
afterAll(async () => {
  await closeLocks();
  await server.stop();
});

describe('a holder process', () => {
  it('that is killed loses its lock when its TTL has passed', async () => {
    const child = Child.start('holder', { url: server.url, name: 'killed', ttl: '2s' });
    const { token = 0 } = await child.heard('held');
    const waiting = here.locks.acquire('killed');
    await until('it waits', async () => (await waiters(here, 'killed')) === 1);
    child.kill('SIGKILL');
    const { value: lock, ms } = await timed(() => waiting);
    expect(ms).toBeLessThan(3000);
    expect(lock.token).toBeGreaterThan(token);
    await lock.release();
  }, 30_000);

  it('that was frozen past its TTL finds its signal aborted before it can act', async () => {
    const child = Child.start('holder', { url: server.url, name: 'frozen', ttl: '1s' });
    const { token = 0 } = await child.heard('held');
    child.kill('SIGSTOP');
    // The first thing that it will come to: it is in its pipe before it thaws.
    child.say({});
    const lock = await here.locks.acquire('frozen');
    expect(lock.token).toBeGreaterThan(token);
    child.kill('SIGCONT');
    expect(await child.heard('asked')).toMatchObject({ aborted: true, held: false, token });
    expect(await child.heard('aborted')).toMatchObject({ code: 'LOCK_LOST' });
    expect(lock.held).toBe(true);
    expect(await here.locks.tryAcquire('frozen')).toBeUndefined();
    await lock.release();
  }, 30_000);

  it('whose event loop stood still past its TTL finds its signal aborted before any timer has run', async () => {
    const child = Child.start('holder', { url: server.url, name: 'still', ttl: '1s' });
    await child.heard('held');
    child.say({ standStillMs: 1500 });
    expect(await child.heard('asked')).toMatchObject({ aborted: true, held: false });
  }, 30_000);

  it('that was frozen for less keeps its lock', async () => {
    const child = Child.start('holder', { url: server.url, name: 'chilled', ttl: '3s' });
    await child.heard('held');
    child.kill('SIGSTOP');
    await pause(1000);
    child.kill('SIGCONT');
    child.say({});
    expect(await child.heard('asked')).toMatchObject({ aborted: false, held: true });
    await pause(1500);
    expect(await here.locks.tryAcquire('chilled')).toBeUndefined();
  }, 30_000);
});

describe('leadership', () => {
  const options = { name: 'scheduler', ttl: '1s' };

  it('is handed over at once by a process that ends, and within TTL + 1 s by one that is killed', async () => {
    const first = Child.start('leader', { url: server.url, ...options });
    await first.heard('leading');
    const second = Child.start('leader', { url: server.url, ...options });
    const third = Child.start('leader', { url: server.url, ...options });
    await Promise.all([second.heard('standing'), third.heard('standing')]);
    await until('both wait', async () => (await waiters(here, 'leader:scheduler')) === 2);
    const next = Promise.race(
      [second, third].map(async (child) => ({ child, told: await child.heard('leading') })),
    );
    const { value: led, ms } = await timed(async () => {
      first.say({});
      return next;
    });
    expect(ms).toBeLessThan(200);
    const rest = led.child === second ? third : second;
    const { ms: afterKill } = await timed(async () => {
      led.child.kill('SIGKILL');
      return rest.heard('leading');
    });
    expect(afterKill).toBeLessThan(2000);
  }, 40_000);
});

// The longer drill: LOCK_DRILL_PROCESSES=8 LOCK_DRILL_SECONDS=60.
const PROCESSES = Number(process.env['LOCK_DRILL_PROCESSES'] ?? 4);
const SECONDS = Number(process.env['LOCK_DRILL_SECONDS'] ?? 10);

it(
  'has one holder at a time among processes that are killed and frozen at random, on a server that is killed too',
  async () => {
    const options = { url: server.url, name: 'chaos', ttl: '1s' };
    const accesses: { token: number; step: number }[] = [];
    const onTold = ({ what, token = 0, step = 0 }: Told, child: Child): void => {
      if (what !== 'access') return;
      accesses.push({ token, step: Number(step) });
      child.say({});
    };
    const contenders = Array.from({ length: PROCESSES }, () => Child.start('contender', options, onTold));
    await until('they work', () => accesses.length > 20, 20_000);
    const deadline = performance.now() + SECONDS * 1000;
    const faults = { kills: 0, freezes: 0, servers: 0 };
    while (performance.now() < deadline) {
      const at = Math.floor(Math.random() * PROCESSES);
      const victim = contenders[at];
      const fate = Math.random();
      if (!victim) continue;
      if (fate < 0.1 || faults.servers === 0) {
        await server.restart({ signal: 'SIGKILL' });
        faults.servers++;
      } else if (fate < 0.4) {
        victim.kill('SIGKILL');
        contenders[at] = Child.start('contender', options, onTold);
        faults.kills++;
      } else {
        victim.kill('SIGSTOP');
        await pause(Math.random() < 0.5 ? 200 : 1600);
        victim.kill('SIGCONT');
        faults.freezes++;
      }
      await pause(200);
    }
    const before = accesses.length;
    await until('they go on working', () => accesses.length > before + 20, 20_000);
    // The resource's own judgement: an access under an older token than one it has seen is an overlap.
    const overlaps = accesses.filter(({ token }, at) => at > 0 && token < (accesses[at - 1]?.token ?? 0));
    expect(overlaps).toEqual([]);
    const handOvers = new Set(accesses.map(({ token }) => token)).size;
    expect(handOvers).toBeGreaterThan(20);
    expect(faults.kills + faults.freezes + faults.servers).toBeGreaterThan(3);
    process.stdout.write(
      `${PROCESSES} processes, ${SECONDS} s, ${JSON.stringify(faults)}: ${handOvers} hand-overs, ${overlaps.length} overlaps\n`,
    );
  },
  SECONDS * 1000 + 50_000,
);
