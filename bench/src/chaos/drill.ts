import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Cleanup } from './cleanup.js';
import { inject } from './faults/inject.js';
import { provideFiller } from './faults/store.filler.js';
import { System } from './faults/system.js';
import { ClientLinks } from './network/client.links.js';
import { ended, RoleKeeper } from './processes/role.keeper.js';
import { readJournals, readServer } from './record/collect.js';
import { DrillRecord, Injected } from './record/drill.record.js';
import { monotonicMs } from './record/journal.js';
import { PlainClient } from './record/plain.client.js';
import { describeFault, Fault } from './schedule/fault.js';
import { faultSchedule } from './schedule/fault.schedule.js';
import { settle } from './settle.js';
import { APPS, GROUPS, LED, STREAMS } from './system.names.js';
import { threeServers } from './topology/cluster.topology.js';
import { singleServer } from './topology/single.topology.js';
import { Topology } from './topology/topology.js';

export interface DrillOptions {
  readonly nodes: 1 | 3;
  readonly seconds: number;
  readonly seed: number;
  /** Where everything is kept: an empty folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const READY_BOUND_MS = 60_000;
const SETTLE_BOUND_MS = 90_000;

/** One run: lets everything work, and go wrong, and writes down what came of it. */
export const runDrill = async (options: DrillOptions): Promise<DrillRecord> => {
  const cleanup = new Cleanup();
  try {
    return await new Drill(options, cleanup).run();
  } finally {
    await cleanup.run();
  }
};

class Drill {
  private readonly injected: Injected[] = [];
  private readonly surprises: string[] = [];

  constructor(
    private readonly options: DrillOptions,
    private readonly cleanup: Cleanup,
  ) {}

  async run(): Promise<DrillRecord> {
    const { folder, signal, say } = this.options;
    await mkdir(join(folder, 'journals'), { recursive: true });
    const system = await this.build();
    await this.disturb(system);
    const publishers = [...system.keepers.values()].filter(({ role }) => role === 'publisher');
    await Promise.all(publishers.map((keeper) => this.stop(keeper)));
    const open = await settle(system.client, { boundMs: SETTLE_BOUND_MS, signal });
    if (open !== undefined) this.surprises.push(`Not settled within ${SETTLE_BOUND_MS} ms: ${open}`);
    else say('         settled');
    const others = [...system.keepers.values()].filter((keeper) => !publishers.includes(keeper));
    await Promise.all(others.map((keeper) => this.stop(keeper)));
    const keepers = [...system.keepers.values()];
    return {
      groups: GROUPS,
      ...(await readServer(system.client)),
      ...readJournals(keepers.map(({ name }) => this.journalOf(name))),
      faults: this.injected,
      absences: keepers.flatMap(({ absences }) => absences),
      surprises: [...this.surprises, ...keepers.flatMap(({ surprises }) => surprises)],
    };
  }

  private async build(): Promise<System> {
    const { folder, nodes, signal } = this.options;
    const topology = await (nodes === 1 ? singleServer(folder) : threeServers(folder));
    this.cleanup.add(() => topology.stop());
    signal.throwIfAborted();
    const client = await PlainClient.connect(topology.servers.map(({ url }) => url));
    this.cleanup.add(() => client.close());
    await provideFiller(client, topology.servers.length);
    const links = new Map<string, ClientLinks>();
    const keepers = new Map<string, RoleKeeper>();
    for (const name of APPS.keys()) {
      const link = await ClientLinks.to(topology.servers.map(({ url }) => url));
      this.cleanup.add(() => link.close());
      links.set(name, link);
      const keeper = this.startApp(name, link, topology);
      this.cleanup.add(() => keeper.end());
      keepers.set(name, keeper);
    }
    await this.awaitReady(keepers.values());
    return { topology, keepers, links, client };
  }

  private startApp(name: string, link: ClientLinks, { servers }: Topology): RoleKeeper {
    const { folder, seed } = this.options;
    const role = APPS.get(name);
    if (role === undefined) throw new RangeError(`There is no ${name}`);
    const settings = {
      role,
      name,
      servers: link.urls,
      replicas: servers.length,
      seed: seed * 100 + [...APPS.keys()].indexOf(name),
    };
    return new RoleKeeper({ ...settings, journal: this.journalOf(name) }, join(folder, `${name}.log`));
  }

  private async awaitReady(keepers: Iterable<RoleKeeper>): Promise<void> {
    const { signal } = this.options;
    const late = delay(READY_BOUND_MS, false, { signal, ref: false });
    for (const keeper of keepers) {
      if (!(await Promise.race([keeper.ready, late]))) throw new Error(`${keeper.name} did not become ready`);
    }
  }

  private async disturb(system: System): Promise<void> {
    const { seconds, seed, signal, say } = this.options;
    const faults = faultSchedule({
      seed,
      seconds,
      targets: {
        apps: [...APPS.keys()],
        servers: system.topology.servers.map(({ name }) => name),
        groups: GROUPS.map(({ group }) => group),
        streams: STREAMS,
        led: LED,
      },
    });
    const beganMs = monotonicMs();
    const mended: Promise<void>[] = [];
    for (const fault of faults) {
      await delay(Math.max(0, beganMs + fault.atMs - monotonicMs()), undefined, { signal });
      say(describeFault(fault));
      mended.push(this.happen(fault, system));
    }
    await delay(Math.max(0, beganMs + seconds * 1000 - monotonicMs()), undefined, { signal });
    await Promise.all(mended);
  }

  private async happen(fault: Fault, system: System): Promise<void> {
    const beganMs = monotonicMs();
    try {
      await inject(fault, system);
      this.injected.push({ fault, beganMs, mendedMs: monotonicMs() });
    } catch (error) {
      this.injected.push({ fault, beganMs, mendedMs: monotonicMs(), failure: String(error) });
      this.options.say(`         ${fault.kind} ${fault.target} could not be done: ${String(error)}`);
    }
  }

  private async stop(keeper: RoleKeeper): Promise<void> {
    const exit = await keeper.stop();
    // The fragile one may be down at that moment.
    if (exit.code !== 0 && keeper.role !== 'fragile')
      this.surprises.push(`${keeper.name} was told to stop, and ${ended(exit)}`);
  }

  private journalOf(name: string): string {
    return join(this.options.folder, 'journals', `${name}.journal`);
  }
}
