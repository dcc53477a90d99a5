import { IsBoolean, IsInt, IsObject, IsOptional, IsString } from 'class-validator';
import { type Policy } from '../planning/schedule.policy.js';
import { type Timing } from '../timing/timing.js';
import { type Target } from './schedule.target.js';

/** The bucket of schedules: `nats kv ls schedules` lists them. */
export const SCHEDULES_BUCKET = 'schedules';

/** A schedule as it is stored. How far it has come is not here: its last occurrence tells. */
export class ScheduleRecord {
  @IsString() name!: string;
  /** The application that made it. */
  @IsString() owner!: string;
  /** It stands in the code of its owner, and goes when it does no longer. */
  @IsBoolean() declared!: boolean;
  /** The deployment that declared it. */
  @IsOptional() @IsString() version?: string;
  @IsBoolean() paused!: boolean;
  @IsObject() timing!: Timing;
  @IsObject() policy!: Policy;
  @IsObject() target!: Target;
  /** Only occurrences after this are its own: since it was made, resumed, or given other times. */
  @IsInt() from!: number;
  /** Milliseconds since the epoch. */
  @IsInt() createdAt!: number;
}
