import { NatsCluster, NatsServer, startNatsCluster } from '@millrace/nats-server';
import { drill, DRILL_TIMEOUT_MS } from './drill.fixture.js';
import { closeLocks, endChildren, OpenLocks, openLocks, until } from './locks.fixture.js';

const START_TIMEOUT_MS = 60_000;

let cluster: NatsCluster;
let here: OpenLocks;

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
  await cluster.ready();
  here = await openLocks(cluster.url, { name: 'here', replicas: 3, requestTimeout: '3s' });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await endChildren();
  await closeLocks();
  await cluster.stop();
}, START_TIMEOUT_MS);

it(
  'has one holder at a time on a cluster whose stream leader is killed',
  async () => {
    const killLeader = async (): Promise<void> => {
      let leader: NatsServer | undefined;
      const findLeader = async (): Promise<boolean> => {
        // In an election the question is left without an answer.
        const info = await here.connection.jsm.streams.info('KV_locks').catch(() => undefined);
        leader = cluster.servers.find(({ name }) => name === info?.cluster?.leader);
        return leader !== undefined;
      };
      await until('the stream has a leader', findLeader, 30_000);
      await leader?.restart({ signal: 'SIGKILL' });
      await cluster.ready();
    };
    const { handOvers, overlaps, faults } = await drill({ urls: cluster.urls, hurtServer: killLeader });
    expect(overlaps).toEqual([]);
    expect(handOvers).toBeGreaterThan(5);
    expect(faults.servers).toBeGreaterThan(0);
  },
  DRILL_TIMEOUT_MS,
);
