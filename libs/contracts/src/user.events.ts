import { IsEmail, IsIn, IsISO8601, IsOptional, IsString, Length } from 'class-validator';
import { Encrypted, Event } from '@millrace/events';

/** Who had a user registered: somebody over HTTP, or the timer. */
export const USER_ORIGINS = ['api', 'timer'] as const;
export type UserOrigin = (typeof USER_ORIGINS)[number];

/** A user came to be. */
@Event('user.registered', { key: 'userId' })
export class UserRegistered {
  @IsString() @Length(1, 64) userId!: string;
  @IsString() @Length(1, 100) name!: string;
  @Encrypted() @IsOptional() @IsEmail() email?: string;
  @IsIn(USER_ORIGINS) origin!: UserOrigin;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) registeredAt!: string;

  constructor(fields: UserRegistered) {
    Object.assign(this, fields);
  }
}

/** A user left. */
@Event('user.unregistered', { key: 'userId' })
export class UserUnregistered {
  @IsString() @Length(1, 64) userId!: string;
  /** ISO 8601; always later than the `registeredAt` it ends, so readers can order the two by time. */
  @IsISO8601({ strict: true }) unregisteredAt!: string;

  constructor(fields: UserUnregistered) {
    Object.assign(this, fields);
  }
}
