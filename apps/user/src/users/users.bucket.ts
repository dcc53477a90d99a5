import { IsEmail, IsIn, IsISO8601, IsOptional, IsString, Length } from 'class-validator';
import {
  USER_ORIGINS,
  UserRegistered,
  UserUnregistered,
  UserUpdated,
  type UserOrigin,
} from '@millrace/contracts';
import { Encrypted } from '@millrace/core';
import { Bucket } from '@millrace/storage';

/**
 * A registered user, by id; and again under the keys that find it (`users.keys.ts`), there without what tells
 * something about the person.
 */
@Bucket('users', { events: [UserRegistered, UserUpdated, UserUnregistered] })
export class UserRecord {
  @IsString() @Length(1, 64) id!: string;
  @IsOptional() @IsString() @Length(1, 100) name?: string;
  @IsOptional() @IsEmail() @Encrypted() email?: string;
  @IsIn(USER_ORIGINS) origin!: UserOrigin;
  @IsISO8601({ strict: true }) registeredAt!: string;
  @IsOptional() @IsISO8601({ strict: true }) updatedAt?: string;
}

/** A user. */
export interface User {
  id: string;
  name: string;
  email?: string;
  origin: UserOrigin;
  /** ISO 8601 */
  registeredAt: string;
  /** ISO 8601 */
  updatedAt?: string;
}

/** What a record says of its user; `undefined` for one that only finds it. */
export const userOf = (record: UserRecord | undefined): User | undefined => {
  if (record?.name === undefined) return undefined;
  const { name, ...fields } = record;
  return { ...fields, name };
};

/** The record that finds a user. */
export const pointerTo = ({ id, origin, registeredAt }: User): UserRecord => ({ id, origin, registeredAt });
