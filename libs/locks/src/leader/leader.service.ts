import { configInvalid, Duration, Log, toMillis } from '@millrace/core';
import { Elector, ElectorPorts } from '../lease/elector.js';
import { Lock } from '../lease/lock.js';
import { LOCK_DEFAULTS } from '../lock.options.js';
import { LockService } from '../lock.service.js';

/** Work that one process of all does. */
export interface Leadership {
  readonly name: string;
  readonly ttl?: Duration | undefined;
  /** Called when this process leads; `signal` aborts when it does no longer. */
  readonly lead: (signal: AbortSignal, lock: Lock) => unknown;
}

/** A seat's lock, as `inspect` shows it. */
export const seatName = (name: string): string => `leader:${name}`;

/** Leader elections, one lease each. Inject it by its class. */
export class LeaderService {
  private readonly electors = new Map<string, Elector>();

  constructor(
    private readonly locks: LockService,
    private readonly ports: ElectorPorts & { log: Log },
  ) {}

  /** Whether this process leads now, judged by the local clock. `false` for an unknown name. */
  isLeader(name: string): boolean {
    return this.electors.get(name)?.isLeader === true;
  }

  /** The elections that this process stands for. */
  names(): string[] {
    return [...this.electors.keys()];
  }

  /** Stands for election from now on. @throws MillraceError `CONFIG_INVALID` where it does so already. */
  stand(leadership: Leadership): void {
    this.add(leadership).start();
  }

  /** As {@link stand}, from the application's start on. */
  add({ name, ttl = LOCK_DEFAULTS.leaderTtl, lead }: Leadership): Elector {
    if (this.electors.has(name)) {
      throw configInvalid(
        `Two parts of this application stand for leader '${name}'`,
        'Give each election a name of its own',
      );
    }
    toMillis(ttl, 'ttl');
    const acquire = (signal: AbortSignal): Promise<Lock> =>
      this.locks.acquire(seatName(name), { ttl, wait: 'forever', signal });
    const elector = new Elector({ name, acquire, lead }, this.ports);
    this.electors.set(name, elector);
    return elector;
  }

  /** Gives up one election, or its leadership. */
  async withdraw(name: string): Promise<void> {
    const elector = this.electors.get(name);
    this.electors.delete(name);
    await elector?.stop();
  }

  /** Starts what {@link add} has added. */
  start(): void {
    for (const elector of this.electors.values()) elector.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.electors.values()].map((elector) => elector.stop()));
  }
}
