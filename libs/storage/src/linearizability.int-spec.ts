import { startNatsCluster, startNatsServer } from '@millrace/nats-server';
import { checkHistories, HistoryReport } from './history.fixture.js';
import { endRemotes, remoteBucket } from './remote.bucket.fixture.js';
import { connectTo, until } from './storage.fixture.js';

const CLIENTS = 5;
/** The longer runs: LINEARIZABILITY_KILLS=70. */
const KILLS = Number(process.env['LINEARIZABILITY_KILLS'] ?? 4);
const LEADER_KILLS = Number(process.env['LINEARIZABILITY_KILLS'] ?? 2);
/** Between a restart and the next kill: long enough for histories to begin and end within. */
const CALM_MS = 800;
/** A cluster takes seconds to elect a leader, in which all there is to record is unknown. */
const CLUSTER_CALM_MS = 5000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Run {
  urls: readonly string[];
  replicas: number;
  kills: number;
  calmMs: number;
  kill: () => Promise<void>;
}

const historiesUnder = async ({ urls, replicas, kills, calmMs, kill }: Run): Promise<HistoryReport> => {
  // The first one makes the bucket.
  const first = await remoteBucket({ url: urls[0] ?? '', replicas });
  const others = Array.from({ length: CLIENTS - 1 }, (_, at) =>
    remoteBucket({ url: urls[(at + 1) % urls.length] ?? '', replicas }),
  );
  const buckets = [first, ...(await Promise.all(others))];
  const stop = new AbortController();
  const checking = checkHistories({ buckets, seed: 3, stop: stop.signal });
  for (let count = 0; count < kills; count++) {
    await pause(calmMs);
    await kill();
  }
  await pause(calmMs);
  stop.abort();
  const report = await checking;
  const { violations, histories, operations } = report;
  process.stdout.write(
    `${CLIENTS} processes, R${replicas}, ${kills} kills: ${histories} histories, ${operations} operations, ${violations.length} violations\n`,
  );
  return report;
};

// What was checked has to be worth checking.
const expectWorthwhile = ({ histories, operations, refused }: HistoryReport): void => {
  expect(histories).toBeGreaterThan(20);
  expect(operations).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(50);
};

describe('single-key operations of several processes are linearizable', () => {
  it(
    'while the server is killed and restarted',
    async () => {
      const server = await startNatsServer();
      try {
        const kill = (): Promise<void> => server.restart({ signal: 'SIGKILL' });
        const run = { urls: [server.url], replicas: 1, kills: KILLS, calmMs: CALM_MS, kill };
        const report = await historiesUnder(run);
        expect(report.violations).toEqual([]);
        expectWorthwhile(report);
      } finally {
        await endRemotes();
        await server.stop();
      }
    },
    90_000 + KILLS * 3000,
  );

  it(
    'while leader after leader of a cluster is killed and restarted',
    async () => {
      const cluster = await startNatsCluster({ size: 3 });
      await cluster.ready();
      const connection = await connectTo(cluster.url, { requestTimeout: '3s' });
      try {
        const kill = async (): Promise<void> => {
          const leader = await until(
            'the bucket has a leader',
            async () => {
              // In an election the question is left without an answer.
              const info = await connection.jsm.streams.info('KV_profiles').catch(() => undefined);
              return cluster.servers.find(({ name }) => name === info?.cluster?.leader);
            },
            30_000,
          );
          await leader.restart({ signal: 'SIGKILL' });
          await cluster.ready();
        };
        const run = { urls: cluster.urls, replicas: 3, kills: LEADER_KILLS, calmMs: CLUSTER_CALM_MS, kill };
        const report = await historiesUnder(run);
        expect(report.violations).toEqual([]);
        expectWorthwhile(report);
      } finally {
        await endRemotes();
        await connection.close();
        await cluster.stop();
      }
    },
    120_000 + LEADER_KILLS * 20_000,
  );
});
