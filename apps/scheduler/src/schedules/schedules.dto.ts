import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { type Duration } from '@millrace/core';
import { IsDuration } from '@millrace-apps/shared';

const MISFIRES = ['skip', 'once', 'all'] as const;

export class ScheduleParams {
  @ApiProperty({ minLength: 1, maxLength: 200 }) @IsString() @Length(1, 200) name!: string;
}

/** When a schedule fires: exactly one of `cron`, `every` and `at`. */
export class CreateScheduleDto extends ScheduleParams {
  @ApiPropertyOptional({ example: '0 30 9 * * MON-FRI', description: 'Five fields, or six with seconds.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  cron?: string;

  @ApiPropertyOptional({ example: 'Europe/Amsterdam', description: 'For `cron`. Default UTC.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  timeZone?: string;

  @ApiPropertyOptional({ type: String, example: '5m', description: 'At least 50ms.' })
  @IsOptional()
  @IsDuration()
  every?: Duration;

  @ApiPropertyOptional({ format: 'date-time' }) @IsOptional() @IsISO8601({ strict: true }) at?: string;

  @ApiPropertyOptional({ description: 'Goes into each event.', maxLength: 1000 })
  @IsOptional()
  @IsString()
  @Length(0, 1000)
  message?: string;

  @ApiPropertyOptional({ enum: MISFIRES, default: 'once' })
  @IsOptional()
  @IsIn(MISFIRES)
  misfire?: (typeof MISFIRES)[number];

  @ApiPropertyOptional({ type: String, example: '30s' }) @IsOptional() @IsDuration() jitter?: Duration;
  @ApiPropertyOptional({ format: 'date-time' }) @IsOptional() @IsISO8601({ strict: true }) start?: string;
  @ApiPropertyOptional({ format: 'date-time' }) @IsOptional() @IsISO8601({ strict: true }) end?: string;
  @ApiPropertyOptional({ minimum: 1 }) @IsOptional() @IsInt() @Min(1) maxRuns?: number;
}

export class ScheduleDto extends PickType(ScheduleParams, ['name']) {
  @ApiProperty({ description: 'The application that made it.' }) owner!: string;
  @ApiProperty({ description: 'It stands in the code of its owner.' }) declared!: boolean;
  @ApiProperty({ enum: ['active', 'paused', 'completed'] }) state!: 'active' | 'paused' | 'completed';
  @ApiProperty({ example: '0 30 9 * * MON-FRI (Europe/Amsterdam)' }) timing!: string;
  @ApiProperty({ description: 'The event that it publishes, or `handler`.' }) target!: string;
  @ApiProperty() runs!: number;
  @ApiPropertyOptional({ format: 'date-time' }) last?: string;
  @ApiPropertyOptional({ format: 'date-time' }) next?: string;
}

export class OccurrenceDto {
  @ApiProperty() id!: string;
  @ApiProperty({ format: 'date-time' }) scheduledFor!: string;
  @ApiProperty({ format: 'date-time' }) firedAt!: string;
  @ApiProperty() missed!: boolean;
  @ApiProperty({ description: 'Triggered by hand.' }) manual!: boolean;
  @ApiProperty({ enum: ['stored', 'done', 'retrying', 'dead-lettered', 'skipped'] }) outcome!: string;
  @ApiPropertyOptional({ description: "Of the handler's last attempt." }) durationMs?: number;
  @ApiPropertyOptional() error?: string;
}

export class TriggerAnswerDto {
  @ApiProperty({ description: "The occurrence's id, which is its event's too." }) id!: string;
}

class Limit {
  @ApiProperty({ default: 20, maximum: 1000 }) @Type(() => Number) @IsInt() @Min(1) @Max(1000) last!: number;
}

export class HistoryQuery extends PartialType(Limit) {}
