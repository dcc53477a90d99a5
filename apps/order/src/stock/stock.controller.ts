import { Body, Controller, Delete, Get, HttpCode, NotFoundException, Param, Put } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { ApiCommonErrors, ErrorDto, RequireScope } from '@millrace-apps/shared';
import { StockService } from './stock.service.js';

class SetStockDto {
  @ApiProperty({ example: 120, minimum: 0 }) @IsInt() @Min(0) @Max(1_000_000_000) available!: number;
}

class StockDto {
  @ApiProperty({ example: 'MUG-01' }) sku!: string;
  @ApiProperty({ example: 120, description: 'So many can be sold.' }) available!: number;
}

@ApiTags('stock')
@ApiCommonErrors()
@RequireScope('admin')
@Controller('stock')
export class StockController {
  constructor(private readonly stock: StockService) {}

  @Get(':sku')
  @ApiOperation({ summary: 'How many there are of some goods' })
  @ApiOkResponse({ type: StockDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'Nobody counts them (STOCK_UNKNOWN).' })
  async get(@Param('sku') sku: string): Promise<StockDto> {
    const available = await this.stock.available(sku);
    if (available !== undefined) return { sku, available };
    throw new NotFoundException({ code: 'STOCK_UNKNOWN', message: 'Nobody counts these goods', sku });
  }

  @Put(':sku')
  @ApiOperation({ summary: 'Say how many can be sold; they are counted from then on' })
  @ApiOkResponse({ type: StockDto })
  async set(@Param('sku') sku: string, @Body() { available }: SetStockDto): Promise<StockDto> {
    await this.stock.set(sku, available);
    return { sku, available };
  }

  @Delete(':sku')
  @HttpCode(204)
  @ApiOperation({ summary: 'Count them no more' })
  @ApiNoContentResponse()
  forget(@Param('sku') sku: string): Promise<void> {
    return this.stock.forget(sku);
  }
}
