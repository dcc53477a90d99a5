import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { TimerDto } from './timer.dto.js';
import { TimerService } from './timer.service.js';

@ApiTags('timer')
@Controller('timer')
export class TimerController {
  constructor(private readonly timer: TimerService) {}

  @Get()
  @ApiOperation({ summary: "This replica's timer: ticks fired, the last and the next" })
  @ApiOkResponse({ type: TimerDto })
  get(): TimerDto {
    return this.timer.state;
  }

  @Post('pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop ticking in this replica, until it is resumed or restarted' })
  @ApiOkResponse({ type: TimerDto })
  pause(): TimerDto {
    return this.timer.pause();
  }

  @Post('resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go on ticking; what came due meanwhile is skipped' })
  @ApiOkResponse({ type: TimerDto })
  resume(): TimerDto {
    return this.timer.resume();
  }
}
