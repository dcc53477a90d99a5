import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import { StressRun } from './stress.bucket.js';
import { StartStressDto, StressParams } from './stress.dto.js';
import { StressService } from './stress.service.js';
import { tableOf } from './stress.table.js';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';

interface Accepting {
  accepts(types: string[]): string | false;
}
interface Typed {
  type(contentType: string): unknown;
}

@ApiTags('stress')
@ApiCommonErrors()
@RequireScope('admin')
@Controller('stress')
export class StressController {
  constructor(private readonly stress: StressService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Stress the whole system: users that register and order, at a fixed rate' })
  @ApiAcceptedResponse({ type: StressRun })
  @ApiConflictResponse({ type: ErrorDto, description: 'Another run is under way.' })
  start(@Body() pace: StartStressDto): Promise<StressRun> {
    return this.stress.start(pace);
  }

  @Get(':id')
  @Header('Vary', 'Accept')
  @ApiOperation({ summary: 'Latencies and counts of a run, so far or in the end; as a table for text/plain' })
  @ApiProduces(JSON_TYPE, TEXT_TYPE)
  @ApiOkResponse({ type: StressRun })
  @ApiNotFoundResponse({ type: ErrorDto })
  async get(
    @Param() { id }: StressParams,
    @Req() request: Accepting,
    @Res({ passthrough: true }) response: Typed,
  ): Promise<StressRun | string> {
    const run = await this.stress.get(id);
    if (request.accepts([JSON_TYPE, TEXT_TYPE]) !== TEXT_TYPE) return run;
    response.type(TEXT_TYPE);
    return tableOf(run);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'End a run early' })
  @ApiOkResponse({ type: StressRun })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'It is over.' })
  abort(@Param() { id }: StressParams): Promise<StressRun> {
    return this.stress.abort(id);
  }
}
