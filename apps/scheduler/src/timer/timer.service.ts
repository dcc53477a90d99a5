import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { TimerTicked } from '@millrace/contracts';
import {
  errorMessage,
  InjectConnection,
  LifecycleCoordinator,
  LifecyclePhase,
  type MillraceConnection,
  toMillis,
} from '@millrace/core';
import { EventBus } from '@millrace/events';
import { SchedulerConfig } from '../scheduler.config.js';
import { type Occurrence, Ticker } from './ticker.js';
import { TickDto, TimerDto } from './timer.dto.js';

const SCHEDULE = 'timer';

/**
 * Announces every tick. The event's id is the schedule and the nominal time, so replicas that fire for the
 * same time store one event between them.
 */
@Injectable()
export class TimerService implements OnModuleInit {
  private readonly log = new Logger(TimerService.name);
  private readonly intervalMs: number;
  private readonly ticker: Ticker;
  private readonly ticks = { fired: 0, duplicate: 0, failed: 0 };
  private readonly underWay = new Set<Promise<void>>();
  private last: Occurrence | undefined;
  private paused = false;

  constructor(
    config: SchedulerConfig,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly bus: EventBus,
    private readonly lifecycle: LifecycleCoordinator,
  ) {
    this.intervalMs = toMillis(config.TICK_INTERVAL, 'TICK_INTERVAL');
    this.ticker = new Ticker(connection.clock, this.intervalMs, (occurrence) => this.fire(occurrence));
  }

  onModuleInit(): void {
    this.lifecycle.register({
      name: 'timer',
      phase: LifecyclePhase.Consume,
      start: async () => {
        if (!this.paused) this.ticker.start();
      },
      stop: () => this.stop(),
    });
  }

  get state(): TimerDto {
    const { last, ticker, ticks, intervalMs } = this;
    const idle = this.paused ? 'paused' : 'stopped';
    return {
      schedule: SCHEDULE,
      intervalMs,
      state: ticker.next ? 'running' : idle,
      ticks: { ...ticks },
      ...(last ? { last: shown(last) } : {}),
      ...(ticker.next ? { next: shown(ticker.next) } : {}),
    };
  }

  pause(): TimerDto {
    this.paused = true;
    this.ticker.stop();
    return this.state;
  }

  resume(): TimerDto {
    this.paused = false;
    // While the app starts or stops, when it runs is not for a request to say.
    if (this.lifecycle.isReady) this.ticker.start();
    return this.state;
  }

  private fire(occurrence: Occurrence): void {
    const publishing = this.publish(occurrence).finally(() => this.underWay.delete(publishing));
    this.underWay.add(publishing);
  }

  // A tick that fails is reported, and the next one goes on.
  private async publish(occurrence: Occurrence): Promise<void> {
    const { tick, scheduledFor } = shown(occurrence);
    const firedAt = new Date(this.connection.clock.now()).toISOString();
    try {
      const { duplicate } = await this.bus.publish(
        new TimerTicked({ schedule: SCHEDULE, tick, scheduledFor, firedAt }),
        { messageId: `${SCHEDULE}@${scheduledFor}` },
      );
      this.ticks[duplicate ? 'duplicate' : 'fired']++;
      this.last = occurrence;
    } catch (error) {
      this.ticks.failed++;
      this.log.error(`Tick ${tick} (${scheduledFor}) was not published: ${errorMessage(error)}`);
    }
  }

  private async stop(): Promise<void> {
    this.ticker.stop();
    await Promise.all(this.underWay);
  }
}

const shown = ({ tick, scheduledFor }: Occurrence): TickDto => ({
  tick,
  scheduledFor: new Date(scheduledFor).toISOString(),
});
