import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { checkHistories } from './history.fixture.js';
import { connectTo, openBucket, Profile } from './storage.fixture.js';

const CLIENTS = 5;
const KILLS = 4;
/** Between a restart and the next kill: long enough for histories to begin and end within. */
const CALM_MS = 800;

let server: NatsServer;
let connections: MillraceConnection[];

beforeAll(async () => {
  server = await startNatsServer();
  // Shorter than an outage may be, so that some outcomes stay unknown.
  const options = { requestTimeout: '400ms', publish: { deadline: '400ms', ackTimeout: '100ms' } } as const;
  connections = await Promise.all(Array.from({ length: CLIENTS }, () => connectTo(server.url, options)));
});

afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await server.stop();
});

const calm = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, CALM_MS));

describe('single-key operations of several clients while the server is killed and restarted', () => {
  it('are linearizable', async () => {
    const [first] = connections;
    if (!first) throw new Error('no connections');
    await openBucket(first, Profile);
    const buckets = await Promise.all(connections.map((connection) => openBucket(connection, Profile)));
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
  }, 60_000);
});
