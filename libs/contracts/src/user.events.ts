import { ArrayNotEmpty, IsEmail, IsIn, IsISO8601, IsOptional, IsString, Length } from 'class-validator';
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

/** What a user may change. */
export const USER_CHANGES = ['name', 'email'] as const;
export type UserChange = (typeof USER_CHANGES)[number];

/** A user changed something about itself; here is what it comes to. */
@Event('user.updated', { key: 'userId' })
export class UserUpdated {
  @IsString() @Length(1, 64) userId!: string;
  @ArrayNotEmpty() @IsIn(USER_CHANGES, { each: true }) changes!: UserChange[];
  @IsString() @Length(1, 100) name!: string;
  @Encrypted() @IsOptional() @IsEmail() email?: string;
  /** ISO 8601; later than `registeredAt` and than that of any update before. */
  @IsISO8601({ strict: true }) updatedAt!: string;

  constructor(fields: UserUpdated) {
    Object.assign(this, fields);
  }
}

/** A user left. */
@Event('user.unregistered', { key: 'userId' })
export class UserUnregistered {
  @IsString() @Length(1, 64) userId!: string;
  /** ISO 8601; always later than the `registeredAt` and the updates that it ends, so readers can order them by time. */
  @IsISO8601({ strict: true }) unregisteredAt!: string;

  constructor(fields: UserUnregistered) {
    Object.assign(this, fields);
  }
}
