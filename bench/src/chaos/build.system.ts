import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Cleanup } from './cleanup.js';
import { provideFiller } from './faults/store.filler.js';
import { System } from './faults/system.js';
import { ClientLinks } from './network/client.links.js';
import { RoleKeeper } from './processes/role.keeper.js';
import { PlainClient } from './record/plain.client.js';
import { RoleName } from './roles/role.settings.js';
import { APPS } from './system.names.js';
import { threeServers } from './topology/cluster.topology.js';
import { singleServer } from './topology/single.topology.js';
import { Topology } from './topology/topology.js';

export interface BuildOptions {
  readonly nodes: 1 | 3;
  readonly seed: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly cleanup: Cleanup;
}

const READY_BOUND_MS = 60_000;

/** Where a process writes down what it does. */
export const journalOf = (folder: string, app: string): string => join(folder, 'journals', `${app}.journal`);

/** Servers, processes and the ways between them; resolves when everybody is at work. */
export const buildSystem = async (options: BuildOptions): Promise<System> => {
  const { nodes, folder, signal, cleanup } = options;
  const topology = await (nodes === 1 ? singleServer(folder) : threeServers(folder));
  cleanup.add(() => topology.stop());
  signal.throwIfAborted();
  const urls = topology.servers.map(({ url }) => url);
  const client = await PlainClient.connect(urls);
  cleanup.add(() => client.close());
  await provideFiller(client, nodes);
  const links = new Map<string, ClientLinks>();
  const keepers = new Map<string, RoleKeeper>();
  for (const [name, role] of APPS) {
    const link = await ClientLinks.to(urls);
    cleanup.add(() => link.close());
    links.set(name, link);
    const keeper = startApp({ name, role, link, topology }, options);
    cleanup.add(() => keeper.end());
    keepers.set(name, keeper);
  }
  await allReady(keepers.values(), signal);
  return { topology, keepers, links, client };
};

interface App {
  readonly name: string;
  readonly role: RoleName;
  readonly link: ClientLinks;
  readonly topology: Topology;
}

const startApp = ({ name, role, link, topology }: App, { folder, seed }: BuildOptions): RoleKeeper =>
  new RoleKeeper(
    {
      role,
      name,
      servers: link.urls,
      replicas: topology.servers.length,
      seed: seed * 100 + [...APPS.keys()].indexOf(name),
      journal: journalOf(folder, name),
    },
    join(folder, `${name}.log`),
  );

const allReady = async (keepers: Iterable<RoleKeeper>, signal: AbortSignal): Promise<void> => {
  const late = delay(READY_BOUND_MS, 'late' as const, { signal, ref: false });
  for (const keeper of keepers) {
    if ((await Promise.race([keeper.firstReady(), late])) === 'late') {
      throw new Error(`${keeper.name} did not become ready within ${READY_BOUND_MS} ms`);
    }
  }
};
