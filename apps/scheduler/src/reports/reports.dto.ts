import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsISO8601, IsOptional, IsString, Length } from 'class-validator';
import { Report } from './report.bucket.js';

export class ReportParams {
  @ApiProperty({ description: "A nightly report's is its date.", example: '2030-01-31' })
  @IsString()
  @Length(1, 64)
  id!: string;
}

export class RequestReportDto {
  @ApiProperty({ format: 'date-time', description: 'Included.' }) @IsISO8601({ strict: true }) from!: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Not included. Default, and at the latest: now.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;
}

export class ReportDto extends OmitType(Report, ['task', 'parts']) {}
