import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsEmail,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IfGiven } from '@millrace-apps/shared';
import { USER_ORIGINS, type UserOrigin } from '@millrace/contracts';
import { IsPointInTime } from './is-point-in-time.decorator.js';

const NOT_BLANK = { message: '$property must not be blank' };

/** A user, as told. */
export class UserProfile {
  @ApiProperty() id!: string;
  @ApiProperty({ example: 'Ada Lovelace' }) name!: string;
  @ApiPropertyOptional({ example: 'ada@example.org' }) email?: string;
  @ApiProperty({ enum: USER_ORIGINS }) origin!: UserOrigin;
  @ApiProperty({ format: 'date-time' }) registeredAt!: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Absent where nothing was changed yet.' })
  updatedAt?: string;
}

/** `POST /users` */
export class RegisterUserDto {
  @ApiProperty({ example: 'Ada Lovelace', minLength: 1, maxLength: 100 })
  @IsString()
  @MaxLength(100)
  @Matches(/\S/, NOT_BLANK)
  name!: string;

  @ApiProperty({ example: 'ada@example.org', format: 'email' }) @IsEmail() email!: string;

  @ApiPropertyOptional({
    description: 'An id of your choice, so that the request can be repeated safely: the second answers 409.',
    minLength: 1,
    maxLength: 64,
  })
  @IfGiven()
  @IsString()
  @MaxLength(64)
  @Matches(/\S/, NOT_BLANK)
  id?: string;
}

/** `PATCH /users/:id`: what is left out stays as it is. */
export class UpdateUserDto {
  @ApiPropertyOptional({ example: 'Ada King', minLength: 1, maxLength: 100 })
  @IfGiven()
  @IsString()
  @MaxLength(100)
  @Matches(/\S/, NOT_BLANK)
  name?: string;

  @ApiPropertyOptional({ example: 'ada@example.org', format: 'email' }) @IfGiven() @IsEmail() email?: string;
}

/** `GET /users` */
export class UserListQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Only users who registered then or later.',
    example: '2026-01-02T03:04:05Z',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  @IsPointInTime()
  since?: string;

  @ApiPropertyOptional({ minimum: 1, description: 'The `nextAfter` of the page before.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  after?: number;
}

/** What `GET /users` answers. */
export class UserPageDto {
  @ApiProperty({ type: [UserProfile] }) items!: UserProfile[];
  @ApiPropertyOptional({ description: 'For `after`, to get the next page. Absent on the last page.' })
  nextAfter?: number;
}
