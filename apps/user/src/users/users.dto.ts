import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsOptional, IsString, Length, Matches } from 'class-validator';
import { UserProfile } from './users.bucket.js';

/** `POST /users` */
export class RegisterUserDto {
  @ApiProperty({ example: 'Ada Lovelace' }) @IsString() @Length(1, 100) @Matches(/\S/) name!: string;
  @ApiProperty({ example: 'ada@example.org' }) @IsEmail() email!: string;

  @ApiPropertyOptional({
    description: 'An id of your choice, so that the request can be repeated safely: the second answers 409.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  @Matches(/\S/)
  id?: string;
}

/** `GET /users` */
export class UserPageDto {
  @ApiProperty({ type: [UserProfile] }) items!: UserProfile[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextOffset?: number;
}
