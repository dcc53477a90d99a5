import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { Bucket } from '@millrace/storage';
import { type Latencies, type Stage, STAGES } from './stress.stages.js';
import { type StressCounts } from './stress.tally.js';

export const STRESS_STATES = ['running', 'done', 'aborted', 'failed'] as const;
export type StressState = (typeof STRESS_STATES)[number];

export class Counts implements StressCounts {
  @ApiProperty() @IsInt() sent!: number;
  @ApiProperty({ description: 'Both commands were answered.' }) @IsInt() answered!: number;
  @ApiProperty({ description: 'The system said no.' }) @IsInt() refused!: number;
  @ApiProperty({ description: 'No answer, or an error.' }) @IsInt() failed!: number;
  @ApiProperty({ description: 'By the system, as where a payment is declined.' }) @IsInt() cancelled!: number;
  @ApiProperty({ description: 'Answered, and neither processed nor cancelled in the end.' })
  @IsInt()
  lost!: number;
}

/** Milliseconds since a unit was due. */
export class StageLatencies implements Latencies {
  @ApiProperty({ enum: STAGES }) @IsIn(STAGES) stage!: Stage;
  @ApiProperty() @IsInt() count!: number;
  @ApiProperty() @IsNumber() p50!: number;
  @ApiProperty() @IsNumber() p90!: number;
  @ApiProperty() @IsNumber() p99!: number;
  @ApiProperty() @IsNumber() max!: number;
}

/** A stress run, as it stands. */
@Bucket('stress-runs', { ttl: '7d' })
export class StressRun {
  @ApiProperty() @IsString() id!: string;
  @ApiProperty({ enum: STRESS_STATES }) @IsIn(STRESS_STATES) state!: StressState;
  @ApiProperty() @IsNumber() ratePerSecond!: number;
  @ApiProperty() @IsInt() seconds!: number;
  @ApiProperty({ format: 'date-time' }) @IsISO8601() startedAt!: string;
  @ApiProperty({ format: 'date-time' }) @IsISO8601() updatedAt!: string;
  @ApiPropertyOptional({ format: 'date-time' }) @IsOptional() @IsISO8601() finishedAt?: string;
  @ApiPropertyOptional({ description: 'Why it failed, or ended early.' })
  @IsOptional()
  @IsString()
  error?: string;
  @ApiProperty() @ValidateNested() @Type(() => Counts) counts!: Counts;

  @ApiProperty({ type: [StageLatencies], description: 'Milliseconds since a unit was due.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => StageLatencies)
  stages!: StageLatencies[];
}
