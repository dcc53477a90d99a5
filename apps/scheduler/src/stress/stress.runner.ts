import { HttpException, Injectable, Logger } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { CommandBus } from '@millrace/commands';
import { OrderLine, PlaceOrder, RegisterUser } from '@millrace/contracts';
import { ContractViolationError, delay, errorMessage } from '@millrace/core';
import { StressFollower, UnitIds } from './stress.follower.js';
import { type Pace, StressPacer } from './stress.pacer.js';
import { StressTally } from './stress.tally.js';

export interface Drive extends Pace {
  id: string;
  /** Ends it early, with what there is. */
  signal: AbortSignal;
  /** Called once, before the first unit. */
  onStart: (tally: StressTally) => void;
}

/** How long events may lag behind the last answer before they count as lost. */
const DRAIN_MS = 30_000;
const LOOK_MS = 100;

const LINES = [new OrderLine({ sku: 'STRESS-01', quantity: 1, unitPriceCents: 100 })];

/** Drives the whole system: for each unit a user registers and orders, and what is told of that is followed. */
@Injectable()
export class StressRunner {
  private readonly log = new Logger('Stress');

  constructor(
    private readonly commands: CommandBus,
    private readonly follower: StressFollower,
  ) {}

  /** Resolves when all units have come to their end, or it is over for them. */
  async drive({ id, signal, onStart, ...pace }: Drive): Promise<StressTally> {
    const ids = new UnitIds(id);
    const pacer = new StressPacer(pace);
    const tally = new StressTally({ total: pacer.total, dueAt: (unit) => pacer.dueAt(unit) });
    const unfollow = await this.follower.follow({ ids, tally, signal });
    try {
      // All commands under way listen to it.
      setMaxListeners(0, signal);
      onStart(tally);
      const underWay = new Set<Promise<void>>();
      await pacer.run((unit) => {
        tally.begin(unit);
        const work = this.unit(unit, { ids, tally, signal }).finally(() => underWay.delete(work));
        underWay.add(work);
      }, signal);
      await Promise.all(underWay);
      await settled(tally, signal);
      return tally;
    } finally {
      await unfollow();
    }
  }

  private async unit(
    unit: number,
    { ids, tally, signal }: { ids: UnitIds; tally: StressTally; signal: AbortSignal },
  ): Promise<void> {
    const id = ids.of(unit);
    try {
      const user = { userId: id, name: `Stress ${unit}`, email: `${id}@example.org` };
      await this.commands.execute(new RegisterUser(user), { signal });
      tally.pass(unit, 'registered', performance.now());
      const order = { orderId: id, userId: id, lines: LINES, currency: 'EUR' };
      await this.commands.execute(new PlaceOrder(order), { signal });
      tally.pass(unit, 'placed', performance.now());
    } catch (error) {
      if (signal.aborted) return;
      tally.drop(isRefusal(error) ? 'refused' : 'failed');
      this.log.debug(`${id}: ${errorMessage(error)}`);
    }
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof HttpException ? error.getStatus() < 500 : error instanceof ContractViolationError;

const settled = async (tally: StressTally, signal: AbortSignal): Promise<void> => {
  const deadline = performance.now() + DRAIN_MS;
  while (!tally.isSettled && !signal.aborted && performance.now() < deadline) await delay(LOOK_MS, signal);
};
