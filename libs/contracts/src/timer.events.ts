import { IsInt, IsISO8601, IsString, Length, Min } from 'class-validator';
import { Event } from '@millrace/events';

/** A schedule's time came. One event per occurrence, however many replicas keep the schedule. */
@Event('timer.ticked', { key: 'schedule' })
export class TimerTicked {
  /** The schedule's name. */
  @IsString() @Length(1, 64) schedule!: string;
  /** Which interval since the epoch this is: the same number in every replica. */
  @IsInt() @Min(0) tick!: number;
  /** The nominal time, ISO 8601. */
  @IsISO8601({ strict: true }) scheduledFor!: string;
  /** When the replica whose event was stored fired, ISO 8601. */
  @IsISO8601({ strict: true }) firedAt!: string;

  constructor(fields: TimerTicked) {
    Object.assign(this, fields);
  }
}
