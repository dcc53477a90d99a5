import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { checkHistories, HistoryBucket } from './history.fixture.js';
import { endRemotes, remoteBucket } from './remote.bucket.fixture.js';

const CLIENTS = 5;
/** The longer run: LINEARIZABILITY_KILLS=70. */
const KILLS = Number(process.env['LINEARIZABILITY_KILLS'] ?? 4);
/** Between a restart and the next kill: long enough for histories to begin and end within. */
const CALM_MS = 800;

let server: NatsServer;
let buckets: HistoryBucket[];

beforeAll(async () => {
  server = await startNatsServer();
  buckets = await Promise.all(Array.from({ length: CLIENTS }, () => remoteBucket(server.url)));
}, 30_000);

afterAll(async () => {
  await endRemotes();
  await server.stop();
});

const calm = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, CALM_MS));

describe('single-key operations of several processes while the server is killed and restarted', () => {
  it(
    'are linearizable',
    async () => {
      const stop = new AbortController();
      const checking = checkHistories({ buckets, seed: 3, stop: stop.signal });
      for (let kill = 0; kill < KILLS; kill++) {
        await calm();
        await server.restart({ signal: 'SIGKILL' });
      }
      await calm();
      stop.abort();
      const { violations, histories, operations, refused, unknown } = await checking;
      expect(violations).toEqual([]);
      // What was checked has to be worth checking.
      expect(histories).toBeGreaterThan(20);
      expect(operations).toBeGreaterThan(500);
      expect(refused).toBeGreaterThan(50);
      expect(unknown).toBeGreaterThan(0);
      process.stdout.write(
        `${CLIENTS} processes, ${KILLS} server kills: ${histories} histories, ${operations} operations, ${violations.length} violations\n`,
      );
    },
    60_000 + KILLS * 3000,
  );
});
