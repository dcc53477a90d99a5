import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import { type Report } from './report.bucket.js';
import { ReportDto, ReportParams, RequestReportDto } from './reports.dto.js';
import { ReportsService } from './reports.service.js';

@ApiTags('reports')
@ApiCommonErrors()
@Controller('reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Post()
  @RequireScope('admin')
  @HttpCode(202)
  @ApiOperation({ summary: 'Have the events of a period counted, by whichever applications are there' })
  @ApiAcceptedResponse({ type: ReportDto })
  async request(@Body() { from, until }: RequestReportDto): Promise<ReportDto> {
    const end = until === undefined ? new Date() : new Date(until);
    return shown(await this.reports.request({ from: new Date(from), until: end }));
  }

  @Get(':id')
  @ApiOperation({ summary: 'A report, or how far it has come' })
  @ApiOkResponse({ type: ReportDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  async get(@Param() { id }: ReportParams): Promise<ReportDto> {
    return shown(await this.reports.get(id));
  }

  @Delete(':id')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Give up a report that is being made' })
  @ApiOkResponse({ type: ReportDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto })
  async cancel(@Param() { id }: ReportParams): Promise<ReportDto> {
    return shown(await this.reports.cancel(id));
  }
}

const shown = ({ task: _task, parts: _parts, ...report }: Report): ReportDto => report;
