import { NatsCluster, NatsServer, startNatsCluster } from '@millrace/nats-server';
import { Drill, judge } from './drill.fixture.js';
import { OCCURRENCES } from './keeping/occurrence.stream.js';

// The longer drill: SCHEDULE_DRILL_SECONDS=300.
const SECONDS = Number(process.env['SCHEDULE_DRILL_SECONDS'] ?? 8);
/** The server takes up to 40 s to go on copying from one stream to another after the loss of a leader. */
const RECOVERY_MS = 120_000;
const START_MS = 90_000;
const DOWN_MS = 2000;

/** Whose leader is killed: occurrences are stored in the first, events in the second, schedules are in the third. */
const STREAMS = [OCCURRENCES, 'EVENTS_report', 'KV_schedules'];

let cluster: NatsCluster;
let drill: Drill;
let kills = 0;

const leaderOf = async (stream: string): Promise<NatsServer | undefined> => {
  const info = await drill.connection.jsm.streams.info(stream).catch(() => undefined);
  return cluster.servers.find(({ name }) => name === info?.cluster?.leader);
};

/** In turn the leader of each stream, and any node. Where there is none at the moment, the cluster's own leader. */
const hurt = async (): Promise<void> => {
  const stream = STREAMS[kills++ % (STREAMS.length + 1)];
  const any = cluster.servers[Math.floor(Math.random() * cluster.servers.length)];
  const victim = stream === undefined ? any : ((await leaderOf(stream)) ?? (await cluster.leader()) ?? any);
  await victim?.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * DOWN_MS));
  await victim?.restart();
  await cluster.ready();
};

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
  await cluster.ready();
  drill = await Drill.open({ url: cluster.url, replicas: 3, hurt });
}, START_MS);
afterAll(async () => {
  await drill?.close();
  await cluster?.stop();
}, START_MS);

it(
  'stores every occurrence of every second once, while replicas and the nodes of a cluster are killed at random',
  async () => judge(await drill.run(SECONDS, RECOVERY_MS), `three servers, ${SECONDS} s`),
  SECONDS * 1000 + 2 * RECOVERY_MS,
);
