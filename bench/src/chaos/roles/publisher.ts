import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { EventBus, PublishResult } from '@millrace/events';
import { Journal, monotonicMs } from '../record/journal.js';
import { SeededRandom } from '../schedule/random.js';
import { Charged, Fate, Placed } from './contracts.js';
import { type RoleSettings } from './role.settings.js';

/** Keeps the lives of a publisher, and of its neighbours, apart. */
const LIFE_STEP = 7919;
const EVERY_MS = 50;
const EACH_TIME = 2;
/** While NATS is away nobody wants to be told all that has happened meanwhile. */
const MAX_UNCONFIRMED = 100;
const CHARGE_CHANCE = 0.05;
const DEADLY_CHANCE = 0.02;
/** Accounts of which every event is good: their next event is a sign of life of a group. */
const GOOD_ACCOUNTS = 24;
const MIXED_ACCOUNTS = 10;
const FATE_CHANCES: readonly (readonly [Fate, number])[] = [
  ['flaky', 0.05],
  ['late', 0.05],
  ['poison', 0.01],
  ['hopeless', 0.01],
];

export const PUBLISHER_SETTINGS = Symbol('publisher settings');

/** Publishes at a steady rate, and writes down what it was told. */
@Injectable()
export class Publisher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly random: SeededRandom;
  private timer: NodeJS.Timeout | undefined;
  private count = 0;
  private readonly unconfirmed = new Set<Promise<void>>();

  constructor(
    private readonly bus: EventBus,
    private readonly journal: Journal,
    @Inject(PUBLISHER_SETTINGS) private readonly settings: RoleSettings,
  ) {
    this.random = new SeededRandom(settings.seed + LIFE_STEP * settings.life);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.publishSome(), EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.unconfirmed);
  }

  private publishSome(): void {
    for (let left = EACH_TIME; left > 0 && this.unconfirmed.size < MAX_UNCONFIRMED; left--) {
      const publishing = this.publishOne().finally(() => this.unconfirmed.delete(publishing));
      this.unconfirmed.add(publishing);
    }
  }

  private async publishOne(): Promise<void> {
    const { name, life } = this.settings;
    const id = `${name}.${life}.${this.count++}`;
    const event = this.random.chance(CHARGE_CHANCE) ? this.charge(id) : this.place(id);
    this.journal.write(['intent', id, monotonicMs()]);
    let result: PublishResult;
    try {
      result = await this.bus.publish(event, { messageId: id });
    } catch (error) {
      const mayBeStored = !(error instanceof Error && 'mayBeStored' in error && error.mayBeStored === false);
      return this.journal.write(['failed', id, mayBeStored, monotonicMs()]);
    }
    this.journal.write(['stored', id, result.sequence, monotonicMs()]);
  }

  private place(id: string): Placed {
    const at = this.random.between(0, GOOD_ACCOUNTS + MIXED_ACCOUNTS - 1);
    const account = at < GOOD_ACCOUNTS ? `good-${at}` : `mixed-${at}`;
    const fate = at < GOOD_ACCOUNTS ? 'good' : this.fate();
    return Object.assign(new Placed(), { id, account, amount: this.random.between(1, 100), fate });
  }

  private charge(id: string): Charged {
    const fate = this.random.chance(DEADLY_CHANCE) ? 'deadly' : 'good';
    return Object.assign(new Charged(), { id, account: `card-${this.random.between(0, 7)}`, fate });
  }

  private fate(): Fate {
    let drawn = this.random.next();
    for (const [fate, chance] of FATE_CHANCES) {
      if (drawn < chance) return fate;
      drawn -= chance;
    }
    return 'good';
  }
}
