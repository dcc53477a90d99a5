import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsString, Length, Max, Min } from 'class-validator';

const MAX_RATE = 500;
const MAX_SECONDS = 300;

export class StressParams {
  @ApiProperty() @IsString() @Length(1, 64) id!: string;
}

export class StartStressDto {
  @ApiProperty({ minimum: 1, maximum: MAX_RATE, description: 'Users that register and order, per second.' })
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  ratePerSecond!: number;

  @ApiProperty({ minimum: 1, maximum: MAX_SECONDS }) @IsInt() @Min(1) @Max(MAX_SECONDS) seconds!: number;
}
