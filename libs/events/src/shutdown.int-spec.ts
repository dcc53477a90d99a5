import { connect, NatsConnection } from '@nats-io/transport-node';
import {
  jetstream,
  JetStreamClient,
  jetstreamManager,
  JetStreamManager,
  StorageType,
} from '@nats-io/jetstream';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { until } from './app.fixture.js';
import { killWorkers, Worker, WorkerOptions } from './worker.fixture.js';

// The longer run: SHUTDOWN_EVENTS=50000 SHUTDOWN_ROUNDS=10.
const EVENTS = Number(process.env['SHUTDOWN_EVENTS'] ?? 3000);
const ROUNDS = Number(process.env['SHUTDOWN_ROUNDS'] ?? 1);
const STREAM = 'EVENTS_work';
const REPORTS = 'REPORTS';
/** What a process may take besides the time it was given. */
const MARGIN_MS = 3000;

/** What was done with one event, and when, by the server's clock. */
interface Report {
  what: 'begun' | 'done';
  group: string;
  id: string;
  at: number;
}

describe('a service that is told to end', () => {
  let server: NatsServer;
  // A client that knows nothing of Millrace.
  let nc: NatsConnection;
  let js: JetStreamClient;
  let jsm: JetStreamManager;

  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url });
    js = jetstream(nc);
    jsm = await jetstreamManager(nc);
  });
  beforeEach(async () => {
    await jsm.streams.add({ name: REPORTS, subjects: ['report.>'], storage: StorageType.Memory });
  });
  afterEach(async () => {
    killWorkers();
    for await (const name of jsm.streams.names()) await jsm.streams.delete(name);
  });
  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  const start = (options: Partial<WorkerOptions> = {}): Promise<Worker> =>
    Worker.start({ url: server.url, groups: ['g'], handleMs: 5, shutdownTimeout: '5s', ...options });

  const publish = async (ids: readonly string[]): Promise<void> => {
    for (let at = 0; at < ids.length; at += 500) {
      const some = ids.slice(at, at + 500);
      await Promise.all(some.map((id) => js.publish(`events.work.happened.${id}`, JSON.stringify({ id }))));
    }
  };

  const reported = async (): Promise<number> => (await jsm.streams.info(REPORTS)).state.messages;

  const settled = (groups = ['g'], timeoutMs = 20_000): Promise<void> =>
    until(
      'everything to be settled',
      async () => {
        const infos = await Promise.all(groups.map((group) => jsm.consumers.info(STREAM, group)));
        return infos.every(({ num_pending, num_ack_pending }) => num_pending === 0 && num_ack_pending === 0);
      },
      timeoutMs,
    );

  const timesOf = async (stream: string): Promise<{ subject: string; at: number }[]> => {
    const { state } = await jsm.streams.info(stream);
    const consumer = await js.consumers.get(stream);
    const found: { subject: string; at: number }[] = [];
    if (state.messages === 0) return found;
    for await (const { subject, info, seq } of await consumer.consume()) {
      found.push({ subject, at: info.timestampNanos / 1e6 });
      if (seq === state.last_seq) break;
    }
    return found;
  };

  const reports = async (): Promise<Report[]> =>
    (await timesOf(REPORTS)).map(({ subject, at }) => {
      const [, what, group = '', id = ''] = subject.split('.');
      return { what: what === 'done' ? 'done' : 'begun', group, id, at };
    });

  const countsOf = (all: readonly Report[], what: Report['what']): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const report of all) {
      if (report.what === what) counts.set(report.id, (counts.get(report.id) ?? 0) + 1);
    }
    return counts;
  };

  const longestGap = (times: readonly number[]): number =>
    Math.max(0, ...times.slice(1).map((at, before) => at - (times[before] ?? at)));

  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    'under full load loses no event, handles none twice, and ends within its time (%i)',
    async () => {
      const [leaving] = await Promise.all([start(), start()]);
      const ids = Array.from({ length: EVENTS }, (_, at) => `e${at}`);
      const publishing = publish(ids);
      await until('some to be handled', async () => (await reported()) > 200, 30_000);
      const { code, ms } = await leaving.terminate();
      // Otherwise it was not under load, and this says nothing.
      expect(await reported()).toBeLessThan(2 * EVENTS);
      await publishing;
      await settled(['g'], EVENTS * 10 + 20_000);
      const all = await reports();
      expect({ code, inTime: ms < 5000 + MARGIN_MS }).toEqual({ code: 0, inTime: true });
      for (const what of ['begun', 'done'] as const) {
        const counts = countsOf(all, what);
        expect(counts.size).toBe(EVENTS);
        expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
      }
    },
    EVENTS * 10 + 60_000,
  );

  it('aborts what does not end, and hands it over at once', async () => {
    const leaving = await start({ shutdownTimeout: '1s', handleMs: 20 });
    const stuck = Array.from({ length: 8 }, (_, at) => `stuck${at}`);
    await publish([...stuck, ...Array.from({ length: 200 }, (_, at) => `e${at}`)]);
    await until('all of it to be under way', async () => (await reported()) > 100, 30_000);
    const staying = start();
    const { code, ms } = await leaving.terminate();
    await staying;
    // Far within the 30 s of `ackWait`.
    await settled(['g'], 10_000);
    const all = await reports();
    expect({ code, inTime: ms < 1000 + MARGIN_MS }).toEqual({ code: 0, inTime: true });
    const done = countsOf(all, 'done');
    expect(done.size).toBe(208);
    expect([...done.values()].filter((count) => count !== 1)).toEqual([]);
    const twice = [...countsOf(all, 'begun')].filter(([, count]) => count > 1).map(([id]) => id);
    expect(twice.sort()).toEqual(stuck);
  }, 60_000);

  it('leaves no gap above a second when three replicas are restarted in turn', async () => {
    const groups = ['one', 'two'];
    const options = { groups, handleMs: 5 };
    const workers = await Promise.all([start(options), start(options), start(options)]);
    let published = 0;
    const restarted = new AbortController();
    const load = (async (): Promise<void> => {
      while (!restarted.signal.aborted) {
        await publish(Array.from({ length: 5 }, () => `e${published++}`));
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    })();
    await until('the load', () => published > 50);
    const exits = [];
    for (const [at, worker] of workers.entries()) {
      exits.push(await worker.terminate());
      workers[at] = await start(options);
    }
    restarted.abort();
    await load;
    await settled(groups);
    const all = await reports();
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);
    // When the machine, or this process, held up the events themselves.
    const held = longestGap((await timesOf(STREAM)).map(({ at }) => at));
    for (const group of groups) {
      const done = all.filter((report) => report.group === group && report.what === 'done');
      const gap = longestGap(done.map(({ at }) => at));
      process.stdout.write(
        `rolling restart, ${group}: ${published} events, a gap of ${Math.round(gap)} ms (events ${Math.round(held)} ms)\n`,
      );
      expect(countsOf(done, 'done').size).toBe(published);
      expect(done).toHaveLength(published);
      expect(gap).toBeLessThan(1000 + held);
    }
  }, 180_000);
});
