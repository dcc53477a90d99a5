import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsOptional, IsString, MaxLength, Matches } from 'class-validator';
import { UserProfile } from './users.bucket.js';

/** `POST /users` */
export class RegisterUserDto {
  @ApiProperty({ example: 'Ada Lovelace' })
  @IsString()
  @MaxLength(100)
  @Matches(/\S/, { message: '$property must not be blank' })
  name!: string;
  @ApiProperty({ example: 'ada@example.org' }) @IsEmail() email!: string;

  @ApiPropertyOptional({
    description: 'An id of your choice, so that the request can be repeated safely: the second answers 409.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @Matches(/\S/, { message: '$property must not be blank' })
  id?: string;
}

/** `GET /users` */
export class UserPageDto {
  @ApiProperty({ type: [UserProfile] }) items!: UserProfile[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextOffset?: number;
}
