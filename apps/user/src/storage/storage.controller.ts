import {
  applyDecorators,
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Put,
} from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import { StoredValue } from './values.bucket.js';
import { ClearAnswerDto, PutAnswerDto, ValueDto, ValueParams } from './values.dto.js';
import { ValuesService } from './values.service.js';

const ApiLocked = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    ApiResponse({
      status: HttpStatus.LOCKED,
      type: ErrorDto,
      description: 'Others are at work on it; try again.',
    }),
  );

@ApiTags('storage')
@ApiCommonErrors()
@ApiLocked()
@Controller('storage')
export class StorageController {
  constructor(private readonly values: ValuesService) {}

  @Put(':key')
  @ApiOperation({ summary: 'Store a value' })
  @ApiOkResponse({ type: PutAnswerDto })
  put(@Param() { key }: ValueParams, @Body() value: StoredValue): Promise<PutAnswerDto> {
    return this.values.put(key, value);
  }

  @Get(':key')
  @ApiOperation({ summary: 'Read a value' })
  @ApiOkResponse({ type: ValueDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param() { key }: ValueParams): Promise<ValueDto> {
    return this.values.get(key);
  }

  @Delete(':key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a value' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  delete(@Param() { key }: ValueParams): Promise<void> {
    return this.values.delete(key);
  }

  @Post(':key/pop')
  @HttpCode(200)
  @ApiOperation({ summary: 'Read and remove a value: of many callers one gets it' })
  @ApiOkResponse({ type: ValueDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  pop(@Param() { key }: ValueParams): Promise<ValueDto> {
    return this.values.pop(key);
  }

  @Post('clear')
  @RequireScope('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Remove all values' })
  @ApiOkResponse({ type: ClearAnswerDto })
  clear(): Promise<ClearAnswerDto> {
    return this.values.clear();
  }
}
