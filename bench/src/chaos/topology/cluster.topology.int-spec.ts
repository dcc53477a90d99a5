import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { threeServers } from './cluster.topology.js';
import { Topology } from './topology.js';

let folder: string;
let topology: Topology;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-test-'));
  topology = await threeServers(folder);
}, 60_000);
afterAll(async () => {
  await topology.stop();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

/** The servers that each is connected to. */
const neighbours = (): Promise<string[]> =>
  Promise.all(
    topology.servers.map(async ({ monitoringUrl }) => {
      const response = await fetch(`${monitoringUrl}/routez`);
      const { routes } = (await response.json()) as { routes: { remote_name: string }[] };
      return [...new Set(routes.map((route) => route.remote_name))].sort().join(' ');
    }),
  );

const eventually = async (wanted: readonly string[]): Promise<void> => {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(100)) {
    if (JSON.stringify(await neighbours()) === JSON.stringify(wanted)) return;
  }
  expect(await neighbours()).toEqual(wanted);
};

const ALL = ['chaos-2 chaos-3', 'chaos-1 chaos-3', 'chaos-1 chaos-2'];

it('cuts one server off from the others, who find no other way to it, and lets it join again', async () => {
  await eventually(ALL);
  topology.isolate('chaos-2', 'sever');
  await eventually(['chaos-3', '', 'chaos-1']);
  // A newcomer is told of every server there is.
  await topology.servers[2]?.restart({ signal: 'SIGKILL' });
  await eventually(['chaos-3', '', 'chaos-1']);
  topology.rejoin('chaos-2');
  await eventually(ALL);
}, 90_000);
