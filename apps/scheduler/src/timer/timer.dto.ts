import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class TickDto {
  @ApiProperty({ description: 'Which interval since the epoch.' }) tick!: number;
  @ApiProperty({ format: 'date-time' }) scheduledFor!: string;
}

export class TicksDto {
  @ApiProperty({ description: 'Stored by this replica.' }) fired!: number;
  @ApiProperty({ description: 'Another replica had stored them already.' }) duplicate!: number;
  @ApiProperty({ description: 'Could not be published.' }) failed!: number;
}

/** The timer of this replica. */
export class TimerDto {
  @ApiProperty({ example: 'timer' }) schedule!: string;
  @ApiProperty({ example: 1000 }) intervalMs!: number;
  @ApiProperty({ enum: ['running', 'paused', 'stopped'] }) state!: 'running' | 'paused' | 'stopped';
  @ApiProperty({ description: 'Since this replica started.' }) ticks!: TicksDto;
  @ApiPropertyOptional({ description: 'The last one that was published.' }) last?: TickDto;
  @ApiPropertyOptional({ description: 'Absent while the timer does not run.' }) next?: TickDto;
}
