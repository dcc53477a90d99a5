import { IsArray, IsInt, IsISO8601 } from 'class-validator';
import { Bucket } from '@millrace/storage';

/** How the schedules stood on a night, under its date. */
@Bucket('nightly-reports')
export class NightlyReport {
  @IsISO8601() reportedAt!: string;
  @IsInt() active!: number;
  @IsInt() paused!: number;
  @IsInt() completed!: number;
  /** How many occurrences there have been, of all schedules that there are. */
  @IsInt() occurrences!: number;
  /** The names of schedules whose last occurrence was dead-lettered. */
  @IsArray() failing!: string[];
}
