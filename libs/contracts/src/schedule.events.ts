import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, Length, Min } from 'class-validator';
import { Event } from '@millrace/events';

/** The time came of a schedule that somebody made over the scheduler's API. */
@Event('schedule.due', { key: 'schedule' })
export class ScheduleDue {
  @IsString() @Length(1, 200) schedule!: string;
  /** What its maker had to say. */
  @IsString() @Length(0, 1000) message!: string;
  /** The nominal time, ISO 8601. */
  @IsISO8601({ strict: true }) scheduledFor!: string;
  /** Counts the schedule's occurrences, from 1. */
  @IsInt() @Min(0) run!: number;
  /** Whether it came due while nobody kept time. */
  @IsBoolean() missed!: boolean;

  constructor(fields: ScheduleDue) {
    Object.assign(this, fields);
  }
}

/** An order is not paid in time, not received in time, or can no longer be given back. */
export const REMINDER_KINDS = ['payment-timeout', 'order-reminder', 'return-window'] as const;
export type ReminderKind = (typeof REMINDER_KINDS)[number];

/** Somebody wants to be told at a time. */
@Event('reminder.requested', { key: 'reminderId' })
export class ReminderRequested {
  /** The requester's own, used once: `payment of order 17`. */
  @IsString() @Length(1, 200) reminderId!: string;
  @IsIn(REMINDER_KINDS) kind!: ReminderKind;
  @IsString() @Length(1, 64) orderId!: string;
  /** When, ISO 8601; at once where that has passed. */
  @IsISO8601({ strict: true }) at!: string;

  constructor(fields: ReminderRequested) {
    Object.assign(this, fields);
  }
}

/** Whoever asked for a reminder does not need it any more. */
@Event('reminder.cancelled', { key: 'reminderId' })
export class ReminderCancelled {
  @IsString() @Length(1, 200) reminderId!: string;

  constructor(fields: ReminderCancelled) {
    Object.assign(this, fields);
  }
}

/** The time of a reminder came, and nobody had cancelled it. */
@Event('reminder.due', { key: 'reminderId' })
export class ReminderDue {
  @IsString() @Length(1, 200) reminderId!: string;
  @IsIn(REMINDER_KINDS) kind!: ReminderKind;
  @IsString() @Length(1, 64) orderId!: string;
  /** The time that was asked for, ISO 8601. */
  @IsISO8601({ strict: true }) at!: string;

  constructor(fields: ReminderDue) {
    Object.assign(this, fields);
  }
}
