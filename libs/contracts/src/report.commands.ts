import { IsInt, IsISO8601, IsObject, IsString, Length, Matches, Min } from 'class-validator';
import { Command, Replying } from '@millrace/commands';

/** How many events of each type there were. */
export class ActivityCounts {
  /** Event type to count: `{ 'order.created': 17 }`. */
  @IsObject() counts!: Record<string, number>;
  @IsInt() @Min(0) total!: number;
  /** The application that counted. */
  @IsString() @Length(1, 100) worker!: string;

  constructor(fields: ActivityCounts) {
    Object.assign(this, fields);
  }
}

/**
 * Counts the events of one context that were stored in a period. A durable task: the workers of all
 * applications that handle it share the work.
 */
@Command('report.activity', { reply: ActivityCounts })
export class CountActivity extends Replying<ActivityCounts> {
  /** As in `order`. */
  @IsString() @Length(1, 64) @Matches(/^[\w-]+$/) context!: string;
  /** ISO 8601, included. */
  @IsISO8601({ strict: true }) from!: string;
  /** ISO 8601, not included. */
  @IsISO8601({ strict: true }) until!: string;

  constructor(fields: CountActivity) {
    super();
    Object.assign(this, fields);
  }
}
