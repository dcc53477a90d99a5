import { IsEmail, IsIn, IsISO8601, IsOptional, IsString, Length, Matches } from 'class-validator';
import { Command, Encrypted, Replying } from '@millrace/commands';
import { USER_ORIGINS, type UserOrigin } from './user.events.js';

/** A user, as others are told of. */
export class UserSummary {
  @IsString() @Length(1, 64) userId!: string;
  @IsString() @Length(1, 100) name!: string;
  @Encrypted() @IsOptional() @IsEmail() email?: string;
  @IsIn(USER_ORIGINS) origin!: UserOrigin;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) registeredAt!: string;

  constructor(fields: UserSummary) {
    Object.assign(this, fields);
  }
}

/** Registers a user; refused as over HTTP: 409 `USER_EXISTS` or `EMAIL_TAKEN`. */
@Command('user.register', { reply: UserSummary })
export class RegisterUser extends Replying<UserSummary> {
  /** An id of the caller's choice, so that the command can be repeated safely. */
  @IsOptional() @IsString() @Length(1, 64) @Matches(/\S/) userId?: string;
  @IsString() @Length(1, 100) @Matches(/\S/) name!: string;
  @Encrypted() @IsEmail() email!: string;

  constructor(fields: RegisterUser) {
    super();
    Object.assign(this, fields);
  }
}

export class UnregisteredUser {
  @IsString() @Length(1, 64) userId!: string;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) unregisteredAt!: string;

  constructor(fields: UnregisteredUser) {
    Object.assign(this, fields);
  }
}

/** Unregisters a user; 404 `USER_UNKNOWN` where there is none. */
@Command('user.unregister', { reply: UnregisteredUser })
export class UnregisterUser extends Replying<UnregisteredUser> {
  @IsString() @Length(1, 64) userId!: string;

  constructor(fields: UnregisterUser) {
    super();
    Object.assign(this, fields);
  }
}

/** Asks for a registered user; 404 `USER_UNKNOWN` where there is none. */
@Command('user.find', { reply: UserSummary })
export class FindUser extends Replying<UserSummary> {
  @IsString() @Length(1, 64) userId!: string;

  constructor(fields: FindUser) {
    super();
    Object.assign(this, fields);
  }
}
