import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { Bucket } from '@millrace/storage';

export const REPORT_STATES = ['running', 'done', 'failed', 'cancelled'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** How the schedules stood on a night. */
export class Standing {
  @ApiProperty() @IsInt() active!: number;
  @ApiProperty() @IsInt() paused!: number;
  @ApiProperty() @IsInt() completed!: number;
  @ApiProperty({ description: 'Occurrences there have been, of all schedules that there are.' })
  @IsInt()
  occurrences!: number;
  @ApiProperty({ description: 'Schedules whose last occurrence was dead-lettered.', type: [String] })
  @IsArray()
  failing!: string[];
}

const NUMBERS = { type: 'object', additionalProperties: { type: 'integer' } } as const;

/** What happened in a period, as far as it is known. */
@Bucket('reports', { ttl: '90d' })
export class Report {
  @ApiProperty({ description: "The report's own; a nightly one's is its date.", example: '2030-01-31' })
  @IsString()
  id!: string;

  @ApiProperty({ format: 'date-time', description: 'Included.' }) @IsISO8601() from!: string;
  @ApiProperty({ format: 'date-time', description: 'Not included.' }) @IsISO8601() until!: string;
  @ApiProperty({ format: 'date-time' }) @IsISO8601() requestedAt!: string;
  @ApiPropertyOptional({ format: 'date-time' }) @IsOptional() @IsISO8601() finishedAt?: string;
  @ApiProperty({ enum: REPORT_STATES }) @IsIn(REPORT_STATES) state!: ReportState;
  @ApiProperty({ minimum: 0, maximum: 1 }) @IsNumber() progress!: number;
  @ApiPropertyOptional({ description: 'Why it failed.' }) @IsOptional() @IsString() error?: string;

  @ApiPropertyOptional({ ...NUMBERS, description: 'Events of each type.', example: { 'order.created': 17 } })
  @IsOptional()
  @IsObject()
  counts?: Record<string, number>;

  @ApiPropertyOptional() @IsOptional() @IsInt() total?: number;

  @ApiPropertyOptional({ ...NUMBERS, description: 'Tasks that each application did.', example: { user: 3 } })
  @IsOptional()
  @IsObject()
  workers?: Record<string, number>;

  @ApiPropertyOptional({ description: 'Of a nightly report.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => Standing)
  schedules?: Standing;

  /** The task that puts it together, and those that count, to cancel them by. */
  @IsOptional() @IsString() task?: string;
  @IsArray() parts!: string[];
}
