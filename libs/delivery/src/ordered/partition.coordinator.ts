import { errorMessage, ErrorCode, MillraceConnection, MillraceError, TimerHandle } from '@millrace/core';
import { Membership } from './membership.js';
import { Claim, OwnershipState, OwnershipStore } from './ownership.store.js';
import { ownershipSpace, readOwnershipSubject } from './ownership.stream.js';
import { spread } from './spread.js';

/** The time in which this replica owns a partition. */
export interface Tenure {
  readonly partition: number;
  /** Higher than that of any earlier owner. */
  readonly token: number;
  /** False as soon as another may own it. */
  isHeld(): boolean;
}

/** What is done with a partition while it is owned. */
export interface PartitionWork {
  /** Finishes or returns what is in hand. */
  stop(timeoutMs: number): Promise<void>;
  /** Ends at once and answers nothing more. */
  abandon(reason: Error): void;
}

export interface CoordinatorOptions {
  connection: MillraceConnection;
  store: OwnershipStore;
  partitions: number;
  /** Begins to work on a partition. */
  open: (tenure: Tenure) => PartitionWork;
  /** How long what is in hand may take when a partition moves. */
  handOverMs: number;
}

interface Owned {
  tenure: Tenure;
  work: PartitionWork;
  releasing: Promise<void> | undefined;
}

const TICK_MS = 500;

/** Owns this replica's share of the partitions: takes what is free, gives up what others should have. */
export class PartitionCoordinator {
  private readonly membership: Membership;
  private readonly owned = new Map<number, Owned>();
  private known: OwnershipState | undefined;
  private timer: TimerHandle | undefined;
  private hints: { unsubscribe(): void } | undefined;
  private current: Promise<void> | undefined;
  private again = false;
  private closing = false;

  constructor(private readonly options: CoordinatorOptions) {
    this.membership = new Membership(options.store, options.connection);
  }

  /** The partitions that this replica owns. */
  get partitions(): number[] {
    return [...this.owned.keys()].sort((a, b) => a - b);
  }

  start(): void {
    const { connection, store } = this.options;
    this.timer = connection.clock.every(TICK_MS, () => this.tick());
    // What others write comes by here as well: so a change is seen at once, and the timer is for what is missed.
    this.hints = connection.nc.subscribe(ownershipSpace(store.scope), {
      callback: (error, message) => {
        if (!error && this.isNews(message.subject, message.string())) this.tick();
      },
    });
    this.tick();
  }

  /** Gives everything back, each partition as soon as it is done with. */
  async stop(timeoutMs: number): Promise<void> {
    this.closing = true;
    this.timer?.cancel();
    if (!this.options.connection.nc.isClosed()) this.hints?.unsubscribe();
    await this.current;
    await this.quietly(() => this.membership.retire());
    await Promise.all([...this.owned.values()].map((owned) => this.release(owned, timeoutMs)));
    await this.quietly(() => this.membership.leave());
  }

  private isNews(subject: string, text: string): boolean {
    const place = readOwnershipSubject(subject);
    if (place?.kind !== 'member') return place?.kind === 'owner';
    return this.known?.members.get(place.member) !== 'alive' || !text.includes('alive');
  }

  private tick(): void {
    if (this.closing) return;
    this.again = this.current !== undefined;
    this.current ??= this.quietly(() => this.settle()).then(() => {
      this.current = undefined;
      if (this.again) this.tick();
    });
  }

  private async quietly(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const { connection, store } = this.options;
      connection.log.debug(`${store.scope.group}: partitions: ${errorMessage(error)}`);
    }
  }

  private async settle(): Promise<void> {
    const { store, partitions } = this.options;
    if (!this.membership.isValid) {
      this.loseAll();
      await this.membership.join();
    }
    const state = (this.known = await store.read());
    const { id } = this.membership;
    // A member that is new may not be seen yet by the one who answers.
    const alive = new Set([
      id,
      ...[...state.members].filter(([, is]) => is === 'alive').map(([name]) => name),
    ]);
    const owners = new Map([...state.claims].map(([p, { owner = '' }]): [number, string] => [p, owner]));
    const mine = spread({ partitions, members: [...alive], owners }).get(id) ?? [];
    for (const [partition, owned] of this.owned) {
      if (!mine.includes(partition)) void this.release(owned, this.options.handOverMs);
    }
    const wanted = mine.filter((partition) => !this.owned.has(partition));
    const free = await this.onlyFree(wanted, state);
    await Promise.all(free.map((partition) => this.claim(partition, state.claims.get(partition))));
  }

  /** Those that nobody owns who is there. */
  private async onlyFree(wanted: readonly number[], { members, claims }: OwnershipState): Promise<number[]> {
    const gone = new Map<string, Promise<boolean>>();
    const isGone = (owner: string): Promise<boolean> => {
      const state = members.get(owner);
      if (state !== undefined) return Promise.resolve(state === 'dead');
      const burying = gone.get(owner) ?? this.options.store.bury(owner);
      gone.set(owner, burying);
      return burying;
    };
    const free = await Promise.all(
      wanted.map(async (partition) => {
        const owner = claims.get(partition)?.owner;
        return owner === undefined || (await isGone(owner));
      }),
    );
    return wanted.filter((_, at) => free[at]);
  }

  private async claim(partition: number, before: Claim | undefined): Promise<void> {
    const { store, open } = this.options;
    const { id } = this.membership;
    const token = await store.claim(partition, id, before?.token ?? 0);
    if (token === undefined || this.closing) return;
    const isHeld = (): boolean => this.membership.isValid && this.membership.id === id;
    const tenure = { partition, token, isHeld };
    this.owned.set(partition, { tenure, work: open(tenure), releasing: undefined });
  }

  private release(owned: Owned, timeoutMs: number): Promise<void> {
    return (owned.releasing ??= this.handOver(owned, timeoutMs));
  }

  private async handOver({ tenure, work }: Owned, timeoutMs: number): Promise<void> {
    const { partition, token } = tenure;
    await work.stop(timeoutMs);
    if (this.owned.get(partition)?.tenure === tenure) this.owned.delete(partition);
    // Where this fails, the partition stays with a member that will be gone.
    if (tenure.isHeld())
      await this.quietly(() => this.options.store.claim(partition, undefined, token).then());
    this.tick();
  }

  private loseAll(): void {
    const lost = [...this.owned.values()];
    this.owned.clear();
    for (const { work, tenure } of lost) work.abandon(partitionLost(tenure));
  }
}

const partitionLost = ({ partition, token }: Tenure): MillraceError =>
  new MillraceError(ErrorCode.PartitionLost, `Partition ${partition} may have another owner by now`, {
    remedy: 'Stop what you are doing: the event is handled again by the new owner',
    details: { partition, token },
  });
