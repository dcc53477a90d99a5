import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class TickDto {
  @ApiProperty({ description: 'Which interval since the epoch.' }) tick!: number;
  @ApiProperty({ format: 'date-time' }) scheduledFor!: string;
}

/** The timer, which all replicas share. */
export class TimerDto {
  @ApiProperty({ example: 'timer' }) schedule!: string;
  @ApiProperty({ example: 1000 }) intervalMs!: number;
  @ApiProperty({ enum: ['running', 'paused'] }) state!: 'running' | 'paused';
  @ApiProperty({ description: 'How many there have been, whoever fired them.' }) ticks!: number;
  @ApiPropertyOptional({ description: 'Absent before the first.' }) last?: TickDto;
  @ApiPropertyOptional({ description: 'Absent while the timer is paused.' }) next?: TickDto;
}
