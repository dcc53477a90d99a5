import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { System } from '../support/system.js';

const LEASES = 'KV_locks';
const LEASE_MS = 10_000;

interface LockEvent {
  type: string;
  name: string;
  token: number;
  mode: string;
  holder: string;
}

interface Value {
  key: string;
  value: unknown;
  revision: number;
}

/**
 * An event-driven storage service: put, get, pop, clear on keys, guarded by a distributed lock whose acquire and
 * release are themselves events; durable, consistent, safe under concurrency.
 */
describe('system 1: the storage service', () => {
  let system: System;
  let replicas: AppProcess[];

  const start = (): Promise<AppProcess> => system.startApp('user', { LOCK_WAIT: '18s' });
  const replica = (nr: number): AppProcess => replicas[nr % replicas.length]!;
  const put = (key: string, value: unknown, by = replica(0)) =>
    by.request<Value>('PUT', `/storage/${key}`, { value });
  const get = (key: string, from = replica(0)) => from.get<Value>(`/storage/${key}`);
  const pop = (key: string, by = replica(0)) => by.request<Value>('POST', `/storage/${key}/pop`);

  beforeAll(async () => {
    system = await System.start();
    replicas = await Promise.all([start(), start(), start()]);
  }, 90_000);
  afterAll(() => system.stop());

  /** What was told about a lock, in the order in which it was stored. */
  const lockEvents = async (name: string): Promise<LockEvent[]> => {
    const stored = await system.client.read('EVENTS_lock', 'events.lock.>');
    const events = stored.map(({ headers, text }) => ({
      ...(JSON.parse(text) as Omit<LockEvent, 'type'>),
      type: headers['ce-type'] ?? '',
    }));
    return events.filter((event) => event.name === name);
  };
  /** What a process holds at this moment, as the server has it. */
  const heldBy = async (app: AppProcess): Promise<{ subject: string }[]> => {
    const holder = new RegExp(`\\b${app.pid}\\b`);
    return (await system.client.read(LEASES, '$KV.locks.>')).filter(({ text }) => {
      const lease = text === '' ? {} : (JSON.parse(text) as { state?: string; holder?: string });
      return lease.state === 'held' && holder.test(lease.holder ?? '');
    });
  };

  it('puts, gets, pops and clears, and every replica sees the same', async () => {
    const { status, body } = await put('colour', { name: 'blue' }, replica(0));
    expect({ status, body }).toMatchObject({ status: 200, body: { key: 'colour' } });
    const stored = { key: 'colour', value: { name: 'blue' }, revision: body.revision };
    for (const app of replicas) expect((await get('colour', app)).body).toEqual(stored);
    expect(await pop('colour', replica(1))).toMatchObject({ status: 200, body: stored });
    for (const app of replicas) expect((await get('colour', app)).status).toBe(404);
    expect((await pop('colour', replica(2))).status).toBe(404);
    for (const key of ['one', 'two', 'three']) await put(key, key);
    expect(await replica(1).request('POST', '/storage/clear')).toMatchObject({ body: { cleared: 3 } });
    for (const [nr, key] of ['one', 'two', 'three'].entries()) {
      expect((await get(key, replica(nr))).status).toBe(404);
    }
  });

  it('tells of every acquire and release of its locks as events', async () => {
    await put('told', 1, replica(0));
    await put('told', 2, replica(1));
    const events = await eventually(async () => {
      const found = await lockEvents('user-storage:told');
      expect(found).toHaveLength(4);
      return found;
    });
    const of = (type: string): LockEvent[] =>
      events.filter((event) => event.type === type).sort((a, b) => a.token - b.token);
    const tokens = (type: string): number[] => of(type).map(({ token }) => token);
    expect(tokens('lock.acquired')).toEqual(tokens('lock.released'));
    expect(new Set(tokens('lock.acquired')).size).toBe(2);
    const holders = of('lock.acquired').map(({ holder }) => holder);
    expect(holders[0]).toMatch(new RegExp(`\\b${replica(0).pid}\\b`));
    expect(holders[1]).toMatch(new RegExp(`\\b${replica(1).pid}\\b`));
    // Whoever works on a key shares all keys with the others; whoever clears them has them alone.
    await replica(2).request('POST', '/storage/clear');
    await eventually(async () => {
      const modes = (await lockEvents('user-storage')).map(({ mode }) => mode);
      expect(new Set(modes)).toEqual(new Set(['shared', 'exclusive']));
    });
  });

  it('lets one at a time write a key, from however many replicas', async () => {
    const writes = await Promise.all(Array.from({ length: 45 }, (_, nr) => put('busy', nr, replica(nr))));
    expect(writes.map(({ status }) => status)).toEqual(Array.from({ length: 45 }, () => 200));
    const revisions = writes.map(({ body }) => body.revision);
    expect(new Set(revisions).size).toBe(45);
    const newest = revisions.indexOf(Math.max(...revisions));
    expect((await get('busy')).body).toMatchObject({ value: newest, revision: revisions[newest] });
    await eventually(async () => {
      const events = await lockEvents('user-storage:busy');
      for (const type of ['lock.acquired', 'lock.released']) {
        const tokens = events.filter((event) => event.type === type).map(({ token }) => token);
        expect(tokens).toHaveLength(46);
        expect(new Set(tokens).size).toBe(46);
      }
    });
  }, 60_000);

  it('gives a value to one of many who pop it, on whatever replica', async () => {
    for (let round = 0; round < 5; round++) {
      await put('prize', round);
      const answers = await Promise.all(Array.from({ length: 12 }, (_, nr) => pop('prize', replica(nr))));
      expect(answers.filter(({ status }) => status === 200).map(({ body }) => body.value)).toEqual([round]);
      expect(answers.filter(({ status }) => status === 404)).toHaveLength(11);
    }
  }, 60_000);

  it('loses nothing that it has said is stored when a replica is killed while it holds the lock', async () => {
    // Of all one tells of leases that ended; it is not that one which is killed, for then nobody might.
    const [victim, ...others] = await eventually(async () => {
      const holding = await Promise.all(replicas.map(heldBy));
      const idle = replicas.filter((_, nr) => holding[nr]?.length === 0);
      expect(idle).toHaveLength(2);
      return [...idle, ...replicas.filter((app) => !idle.includes(app))] as [
        AppProcess,
        AppProcess,
        AppProcess,
      ];
    });
    await put('precious', 'before', others[0]);
    const acknowledged: number[] = [];
    const writing = Array.from({ length: 150 }, async (_, nr) => {
      const answer = await put('precious', nr, victim).catch(() => undefined);
      if (answer?.status === 200) acknowledged.push(answer.body.revision);
    });
    await eventually(async () => expect(await heldBy(victim)).not.toEqual([]));
    expect(await victim.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    await Promise.all(writing);
    // Otherwise it held nothing when it died, and this test says nothing.
    expect(await heldBy(victim)).not.toEqual([]);

    // The others wait until its leases end, and go on.
    const { status, body, ms } = await get('precious', others[0]);
    expect(status).toBe(200);
    expect(body.revision).toBeGreaterThanOrEqual(Math.max(0, ...acknowledged));
    expect(ms).toBeLessThan(LEASE_MS + 8000);
    expect(await others[1].request('POST', '/storage/clear')).toMatchObject({ status: 200 });
    expect(await put('precious', 'after', others[0])).toMatchObject({ status: 200 });
    expect((await get('precious', others[1])).body).toMatchObject({ value: 'after' });
    await eventually(async () => {
      const expired = (await lockEvents('user-storage')).filter(({ type }) => type === 'lock.expired');
      expect(expired.map(({ holder }) => holder)).toContainEqual(
        expect.stringMatching(new RegExp(`\\b${victim.pid}\\b`)),
      );
    });
    replicas = [await start(), ...others];
  }, 120_000);

  it('still has everything after the server crashed', async () => {
    const keys = ['a', 'b', 'c'];
    const stored = await Promise.all(keys.map((key, nr) => put(key, { key }, replica(nr))));
    await system.server.restart({ signal: 'SIGKILL' });
    await Promise.all(replicas.map((app) => app.ready()));
    for (const [nr, key] of keys.entries()) {
      const { body } = await get(key, replica(nr + 1));
      expect(body).toEqual({ key, value: { key }, revision: stored[nr]?.body.revision });
    }
  }, 60_000);
});
