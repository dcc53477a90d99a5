import { Injectable } from '@nestjs/common';
import { EventBus, type EventMessage, type Subscription } from '@millrace/events';
import { type Stage } from './stress.stages.js';
import { type StressTally } from './stress.tally.js';

/** Ids of a run's users and orders: the same for both of a unit. */
export class UnitIds {
  private readonly prefix: string;

  constructor(run: string) {
    this.prefix = `stress-${run}-`;
  }

  of(unit: number): string {
    return `${this.prefix}${unit}`;
  }

  /** The unit of an id; `undefined` where it is none of this run. */
  unitOf(id: string | undefined): number | undefined {
    if (!id?.startsWith(this.prefix)) return undefined;
    const unit = Number(id.slice(this.prefix.length));
    return Number.isSafeInteger(unit) ? unit : undefined;
  }
}

const STAGE_OF: Readonly<Record<string, Stage | 'cancelled'>> = {
  'user.registered': 'announced',
  'order.created': 'created',
  'order.paid': 'paid',
  'order.processing': 'processing',
  'order.cancelled': 'cancelled',
};

/** Follows the events of a run, by whichever replica drives it: hence broadcasts, for as long as it takes. */
@Injectable()
export class StressFollower {
  constructor(private readonly bus: EventBus) {}

  /** Resolves when nothing that is published from now on is missed, to how to stop. */
  async follow(ids: UnitIds, tally: StressTally): Promise<() => Promise<void>> {
    // By patterns: only who has their classes opens what is encrypted, and nothing of that is needed here.
    const note = (_event: unknown, { type, key }: EventMessage): void => {
      const unit = ids.unitOf(key);
      const stage = STAGE_OF[type];
      if (unit === undefined || stage === undefined) return;
      if (stage === 'cancelled') tally.cancel(unit);
      else tally.pass(unit, stage, performance.now());
    };
    const opened: Subscription[] = [];
    const stop = async (): Promise<void> => {
      for (const subscription of opened) await subscription.remove();
    };
    try {
      opened.push(await this.bus.subscribe('user.registered', note, options('scheduler-stress-users')));
      opened.push(await this.bus.subscribe('order.*', note, options('scheduler-stress-orders')));
      return stop;
    } catch (error) {
      await stop();
      throw error;
    }
  }
}

const options = (group: string) => ({ group, mode: 'broadcast', concurrency: 256 }) as const;
