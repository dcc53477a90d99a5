import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSystem, journalOf } from './build.system.js';
import { Cleanup } from './cleanup.js';
import { inject } from './faults/inject.js';
import { System } from './faults/system.js';
import { ended, RoleKeeper } from './processes/role.keeper.js';
import { readJournals, readServer } from './record/collect.js';
import { DrillRecord, Injected } from './record/drill.record.js';
import { monotonicMs } from './record/journal.js';
import { describeFault, Fault } from './schedule/fault.js';
import { faultSchedule } from './schedule/fault.schedule.js';
import { settle } from './settle.js';
import { APPS, GROUPS, LED, STREAMS } from './system.names.js';

export interface DrillOptions {
  readonly nodes: 1 | 3;
  readonly seconds: number;
  readonly seed: number;
  /** Where everything is kept: an empty folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const SETTLE_BOUND_MS = 90_000;

/** One run: lets everything work, and go wrong, and writes down what came of it. */
export const runDrill = async (options: DrillOptions): Promise<DrillRecord> => {
  const { folder, nodes, seed, signal } = options;
  const cleanup = new Cleanup();
  try {
    await mkdir(join(folder, 'journals'), { recursive: true });
    const system = await buildSystem({ nodes, seed, folder, signal, cleanup });
    return await new Drill(options, system).run();
  } finally {
    await cleanup.run();
  }
};

class Drill {
  private readonly injected: Injected[] = [];
  private readonly surprises: string[] = [];

  constructor(
    private readonly options: DrillOptions,
    private readonly system: System,
  ) {}

  async run(): Promise<DrillRecord> {
    const { signal, say } = this.options;
    const { client, keepers } = this.system;
    await this.disturb();
    const publishers = [...keepers.values()].filter(({ role }) => role === 'publisher');
    await this.stop(publishers);
    const read = () => this.read();
    const open = await settle({ client, read, boundMs: SETTLE_BOUND_MS, signal });
    if (open === undefined) say('         settled');
    else this.surprises.push(`Not settled within ${SETTLE_BOUND_MS} ms: ${open}`);
    await this.stop([...keepers.values()].filter((keeper) => !publishers.includes(keeper)));
    return this.read();
  }

  private async read(): Promise<DrillRecord> {
    const { client, keepers } = this.system;
    const all = [...keepers.values()];
    return {
      groups: GROUPS,
      ...(await readServer(client)),
      ...readJournals(all.map(({ name }) => journalOf(this.options.folder, name))),
      faults: this.injected,
      failedStarts: all.reduce((sum, keeper) => sum + keeper.failedStarts, 0),
      absences: all.flatMap(({ absences }) => absences),
      surprises: [...this.surprises, ...all.flatMap(({ surprises }) => surprises)],
    };
  }

  private async disturb(): Promise<void> {
    const { seconds, seed, signal, say } = this.options;
    const servers = this.system.topology.servers.map(({ name }) => name);
    const groups = GROUPS.map(({ group }) => group);
    const targets = { apps: [...APPS.keys()], servers, groups, streams: STREAMS, led: LED };
    const beganMs = monotonicMs();
    const mended: Promise<void>[] = [];
    for (const fault of faultSchedule({ seed, seconds, targets })) {
      await delay(Math.max(0, beganMs + fault.atMs - monotonicMs()), undefined, { signal });
      say(describeFault(fault));
      mended.push(this.happen(fault));
    }
    await delay(Math.max(0, beganMs + seconds * 1000 - monotonicMs()), undefined, { signal });
    await Promise.all(mended);
  }

  private async happen(fault: Fault): Promise<void> {
    const beganMs = monotonicMs();
    try {
      await inject(fault, this.system);
      this.injected.push({ fault, beganMs, mendedMs: monotonicMs() });
    } catch (error) {
      this.injected.push({ fault, beganMs, mendedMs: monotonicMs(), failure: String(error) });
      this.options.say(`         ${fault.kind} ${fault.target} could not be done: ${String(error)}`);
    }
  }

  private async stop(keepers: readonly RoleKeeper[]): Promise<void> {
    for (const { keeper, exit } of await Promise.all(
      keepers.map(async (keeper) => ({ keeper, exit: await keeper.stop() })),
    )) {
      // The fragile one may be down at that moment.
      if (exit.code === 0 || keeper.role === 'fragile') continue;
      this.surprises.push(`${keeper.name} was told to stop, and ${ended(exit)}`);
    }
  }
}
