import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import {
  CreateScheduleDto,
  HistoryQuery,
  OccurrenceDto,
  ScheduleDto,
  ScheduleParams,
  TriggerAnswerDto,
} from './schedules.dto.js';
import { SchedulesService } from './schedules.service.js';

@ApiTags('schedules')
@ApiCommonErrors()
@Controller('schedules')
export class SchedulesController {
  constructor(private readonly schedules: SchedulesService) {}

  @Post()
  @RequireScope('admin')
  @ApiOperation({ summary: 'Make a schedule that publishes schedule.due' })
  @ApiCreatedResponse({ type: ScheduleDto })
  @ApiConflictResponse({ type: ErrorDto })
  create(@Body() schedule: CreateScheduleDto): Promise<ScheduleDto> {
    return this.schedules.create(schedule);
  }

  @Get()
  @ApiOperation({ summary: 'All schedules, of all applications' })
  @ApiOkResponse({ type: [ScheduleDto] })
  list(): Promise<ScheduleDto[]> {
    return this.schedules.list();
  }

  @Get(':name')
  @ApiOperation({ summary: 'A schedule, its last and its next occurrence' })
  @ApiOkResponse({ type: ScheduleDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param() { name }: ScheduleParams): Promise<ScheduleDto> {
    return this.schedules.get(name);
  }

  @Get(':name/history')
  @ApiOperation({ summary: 'Its last occurrences, newest first, and what became of them' })
  @ApiOkResponse({ type: [OccurrenceDto] })
  @ApiNotFoundResponse({ type: ErrorDto })
  history(@Param() { name }: ScheduleParams, @Query() { last }: HistoryQuery): Promise<OccurrenceDto[]> {
    return this.schedules.history(name, last);
  }

  @Post(':name/pause')
  @RequireScope('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Hold it back: what comes due until it is resumed does not fire' })
  @ApiOkResponse({ type: ScheduleDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  pause(@Param() { name }: ScheduleParams): Promise<ScheduleDto> {
    return this.schedules.pause(name);
  }

  @Post(':name/resume')
  @RequireScope('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let it go on, with what comes next' })
  @ApiOkResponse({ type: ScheduleDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  resume(@Param() { name }: ScheduleParams): Promise<ScheduleDto> {
    return this.schedules.resume(name);
  }

  @Post(':name/trigger')
  @RequireScope('admin')
  @HttpCode(202)
  @ApiOperation({ summary: 'Fire an occurrence now, beside the plan' })
  @ApiOkResponse({ type: TriggerAnswerDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  async trigger(@Param() { name }: ScheduleParams): Promise<TriggerAnswerDto> {
    return { id: await this.schedules.trigger(name) };
  }

  @Delete(':name')
  @RequireScope('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a schedule that was made over this API' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  remove(@Param() { name }: ScheduleParams): Promise<void> {
    return this.schedules.remove(name);
  }
}
