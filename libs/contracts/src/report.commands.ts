import { IsIn, IsInt, IsISO8601, IsObject, IsString, Length, Min } from 'class-validator';
import { Command, Replying } from '@millrace/commands';

/** The contexts whose events reports are about: all that are declared here. */
export const REPORT_CONTEXTS = [
  'notification',
  'order',
  'payment',
  'reminder',
  'schedule',
  'shipment',
  'stock',
  'timer',
  'user',
] as const;
export type ReportContext = (typeof REPORT_CONTEXTS)[number];

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
  @IsIn(REPORT_CONTEXTS) context!: ReportContext;
  /** ISO 8601, included. */
  @IsISO8601({ strict: true }) from!: string;
  /** ISO 8601, not included. */
  @IsISO8601({ strict: true }) until!: string;

  constructor(fields: CountActivity) {
    super();
    Object.assign(this, fields);
  }
}
