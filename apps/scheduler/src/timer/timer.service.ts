import { Injectable, OnModuleInit } from '@nestjs/common';
import { TimerTicked } from '@millrace/contracts';
import { toMillis } from '@millrace/core';
import { type OccurrenceFields, type ScheduleInfo, Schedules } from '@millrace/schedule';
import { SchedulerConfig } from '../scheduler.config.js';
import { TickDto, TimerDto } from './timer.dto.js';

const SCHEDULE = 'timer';

/** The timer of the system: one event per tick, whichever replica keeps time. */
@Injectable()
export class TimerService implements OnModuleInit {
  private readonly intervalMs: number;

  constructor(
    config: SchedulerConfig,
    private readonly schedules: Schedules,
  ) {
    this.intervalMs = toMillis(config.TICK_INTERVAL, 'TICK_INTERVAL');
  }

  /** The interval is a matter of configuration, so it stands in no decorator. */
  async onModuleInit(): Promise<void> {
    const event = ({ schedule, tick, scheduledFor, firedAt }: OccurrenceFields): TimerTicked =>
      new TimerTicked({ schedule, tick, scheduledFor, firedAt });
    // Nobody needs to register users for the hours in which nothing ran.
    await this.schedules.every(SCHEDULE, this.intervalMs, event, { misfire: 'skip' });
  }

  async state(): Promise<TimerDto> {
    return this.shown(await this.schedules.get(SCHEDULE));
  }

  async pause(): Promise<TimerDto> {
    return this.shown(await this.schedules.pause(SCHEDULE));
  }

  async resume(): Promise<TimerDto> {
    return this.shown(await this.schedules.resume(SCHEDULE));
  }

  private shown({ name, state, runs, last, next }: ScheduleInfo): TimerDto {
    return {
      schedule: name,
      intervalMs: this.intervalMs,
      state: state === 'paused' ? 'paused' : 'running',
      ticks: runs,
      ...(last ? { last: this.tick(last) } : {}),
      ...(next ? { next: this.tick(next) } : {}),
    };
  }

  private tick(scheduledFor: Date): TickDto {
    return { tick: scheduledFor.getTime() / this.intervalMs, scheduledFor: scheduledFor.toISOString() };
  }
}
