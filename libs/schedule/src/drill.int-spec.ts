import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Drill, judge } from './drill.fixture.js';

// The longer drill: SCHEDULE_DRILL_SECONDS=300.
const SECONDS = Number(process.env['SCHEDULE_DRILL_SECONDS'] ?? 12);
const RECOVERY_MS = 60_000;

let server: NatsServer;
let drill: Drill;

beforeAll(async () => {
  server = await startNatsServer();
  const hurt = (): Promise<void> => server.restart({ signal: 'SIGKILL' });
  drill = await Drill.open({ url: server.url, replicas: 1, hurt });
}, 30_000);
afterAll(async () => {
  await drill?.close();
  await server?.stop();
}, 30_000);

it(
  'stores every occurrence of every second once, while replicas and the server are killed at random',
  async () => judge(await drill.run(SECONDS, RECOVERY_MS), `one server, ${SECONDS} s`),
  SECONDS * 1000 + 2 * RECOVERY_MS,
);
