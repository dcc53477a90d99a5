import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { ApiCommonErrors, ErrorDto } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { NightlyReport } from './nightly-report.bucket.js';

class ReportParams {
  @ApiProperty({ example: '2030-01-31' }) @Matches(/^\d{4}-\d{2}-\d{2}$/) date!: string;
}

@ApiTags('reports')
@ApiCommonErrors()
@Controller('reports')
export class ReportsController {
  constructor(@InjectBucket(NightlyReport) private readonly reports: Bucket<NightlyReport>) {}

  @Get(':date')
  @ApiOperation({ summary: 'How the schedules stood on a night' })
  @ApiOkResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  async get(@Param() { date }: ReportParams): Promise<NightlyReport> {
    const entry = await this.reports.get(date);
    if (entry) return entry.value;
    throw new NotFoundException({
      code: 'REPORT_UNKNOWN',
      message: 'There is no report of this night',
      date,
    });
  }
}
