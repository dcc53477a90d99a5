import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiCommonErrors, RequireScope } from '@millrace-apps/shared';
import { TimerDto } from './timer.dto.js';
import { TimerService } from './timer.service.js';

@ApiTags('timer')
@ApiCommonErrors()
@Controller('timer')
export class TimerController {
  constructor(private readonly timer: TimerService) {}

  @Get()
  @ApiOperation({ summary: 'The timer: how often it has ticked, the last and the next' })
  @ApiOkResponse({ type: TimerDto })
  get(): Promise<TimerDto> {
    return this.timer.state();
  }

  @Post('pause')
  @RequireScope('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop ticking, in all replicas, until it is resumed' })
  @ApiOkResponse({ type: TimerDto })
  pause(): Promise<TimerDto> {
    return this.timer.pause();
  }

  @Post('resume')
  @RequireScope('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go on ticking; what came due meanwhile is skipped' })
  @ApiOkResponse({ type: TimerDto })
  resume(): Promise<TimerDto> {
    return this.timer.resume();
  }
}
