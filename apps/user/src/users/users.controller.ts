import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
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
import { RegisterUserDto, UpdateUserDto, UserListQuery, UserPageDto, UserProfile } from './users.dto.js';
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
  list(@Query() query: UserListQuery): Promise<UserPageDto> {
    return this.users.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One user' })
  @ApiOkResponse({ type: UserProfile })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param('id') id: string): Promise<UserProfile> {
    return this.users.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change the name, the email or both; announces user.updated if anything changes' })
  @ApiOkResponse({ type: UserProfile })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The email is taken.' })
  update(@Param('id') id: string, @Body() changes: UpdateUserDto): Promise<UserProfile> {
    return this.users.update(id, changes);
  }

  @Delete(':id')
  @RequireScope('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Unregister a user; announces user.unregistered' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  async unregister(@Param('id') id: string): Promise<void> {
    await this.users.unregister(id);
  }
}
