import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiCommonErrors, ErrorDto } from '@millrace-apps/shared';
import { PreferencesDto } from './preferences.dto.js';
import { PreferencesService } from './preferences.service.js';

@ApiTags('notifications')
@ApiCommonErrors()
@ApiNotFoundResponse({ type: ErrorDto })
@Controller('users/:id/notification-preferences')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get()
  @ApiOperation({ summary: 'How a user wants to be notified; secrets are not told' })
  @ApiOkResponse({ type: PreferencesDto })
  show(@Param('id') id: string): Promise<PreferencesDto> {
    return this.preferences.show(id);
  }

  @Put()
  @ApiOperation({ summary: 'Choose of what a user is told, and over which channels' })
  @ApiOkResponse({ type: PreferencesDto })
  choose(@Param('id') id: string, @Body() preferences: PreferencesDto): Promise<PreferencesDto> {
    return this.preferences.choose(id, preferences);
  }
}
