import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsIn, IsISO8601, IsOptional, IsString, Length } from 'class-validator';
import { USER_ORIGINS, UserRegistered, UserUnregistered, type UserOrigin } from '@millrace/contracts';
import { Encrypted } from '@millrace/core';
import { Bucket } from '@millrace/storage';

/** A registered user, by id, and again by email: see `users.keys.ts`. */
@Bucket('users', { events: [UserRegistered, UserUnregistered] })
export class UserProfile {
  @ApiProperty() @IsString() @Length(1, 64) id!: string;
  @ApiProperty({ example: 'Ada Lovelace' }) @IsString() @Length(1, 100) name!: string;
  @ApiPropertyOptional({ example: 'ada@example.org' })
  @IsOptional()
  @IsEmail()
  @Encrypted()
  email?: string;

  @ApiProperty({ enum: USER_ORIGINS }) @IsIn(USER_ORIGINS) origin!: UserOrigin;
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) registeredAt!: string;
}
