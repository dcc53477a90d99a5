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
import { ApiCommonErrors, ErrorDto, PageQuery } from '@millrace-apps/shared';
import { UserProfile } from './users.bucket.js';
import { RegisterUserDto, UserPageDto } from './users.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@ApiCommonErrors()
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @ApiOperation({ summary: 'Register a user; announces user.registered' })
  @ApiCreatedResponse({ type: UserProfile })
  @ApiConflictResponse({ type: ErrorDto, description: 'The id or the email is taken.' })
  register(@Body() request: RegisterUserDto): Promise<UserProfile> {
    return this.users.register(request);
  }

  @Get()
  @ApiOperation({ summary: 'List users, in the order they registered' })
  @ApiOkResponse({ type: UserPageDto })
  list(@Query() query: PageQuery): Promise<UserPageDto> {
    return this.users.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One user' })
  @ApiOkResponse({ type: UserProfile })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param('id') id: string): Promise<UserProfile> {
    return this.users.get(id);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Unregister a user; announces user.unregistered' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  async unregister(@Param('id') id: string): Promise<void> {
    await this.users.unregister(id);
  }
}
