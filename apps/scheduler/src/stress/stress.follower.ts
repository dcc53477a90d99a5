import { Injectable, Logger } from '@nestjs/common';
import { delay, errorMessage } from '@millrace/core';
import { EventBus, type StoredEvent } from '@millrace/events';
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

/** By patterns: nothing of what is encrypted has to be opened. */
const TARGETS = ['user.registered', 'order.*'] as const;
/** The contexts of these. */
export const FOLLOWED = ['user', 'order'];

const LOOK_MS = 200;
/** How far the clocks of this machine and of the server may be apart without an event being missed. */
const SKEW_MS = 60_000;

export interface Followed {
  ids: UnitIds;
  tally: StressTally;
  /** Ends it, without a last look. */
  signal: AbortSignal;
}

/** Follows the events of a run by reading what has been stored since it last looked. */
@Injectable()
export class StressFollower {
  private readonly log = new Logger('Stress');

  constructor(private readonly bus: EventBus) {}

  /** Resolves once events can be read, to how to stop: nothing that is stored before then is missed. */
  async follow(followed: Followed): Promise<() => Promise<void>> {
    const { signal } = followed;
    const start = new Date(Date.now() - SKEW_MS);
    const trails = TARGETS.map((target) => ({ target, from: start }));
    const look = async (): Promise<void> => {
      await Promise.all(trails.map((trail) => this.read(trail, followed)));
    };
    const lookAgain = async (): Promise<void> => {
      try {
        await look();
      } catch (error) {
        // The next look begins where this one ended.
        if (!signal.aborted) this.log.warn(`Events of the run cannot be read: ${errorMessage(error)}`);
      }
    };
    await look();
    const stop = new AbortController();
    const following = repeat(lookAgain, AbortSignal.any([stop.signal, signal]));
    return async () => {
      stop.abort();
      await following;
      if (!signal.aborted) await lookAgain();
    };
  }

  private async read(trail: Trail, { ids, tally, signal }: Followed): Promise<void> {
    const until = new Date(Date.now() + SKEW_MS);
    const sinceEpochMs = Date.now() - performance.now();
    for await (const event of this.bus.read(trail.target, { from: trail.from, until, signal })) {
      // Those of the same millisecond are read again: the tally counts each stage of a unit once.
      trail.from = event.storedAt;
      note(event, { ids, tally, at: event.storedAt.getTime() - sinceEpochMs });
    }
  }
}

/** How far a target has been read. */
interface Trail {
  readonly target: string;
  from: Date;
}

const note = (
  { type, key }: StoredEvent,
  { ids, tally, at }: { ids: UnitIds; tally: StressTally; at: number },
): void => {
  const unit = ids.unitOf(key);
  const stage = STAGE_OF[type];
  if (unit === undefined || stage === undefined) return;
  if (stage === 'cancelled') tally.cancel(unit);
  else tally.pass(unit, stage, at);
};

const repeat = async (look: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  for (; !signal.aborted; await delay(LOOK_MS, signal)) await look();
};
