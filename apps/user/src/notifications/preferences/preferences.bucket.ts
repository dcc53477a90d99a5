import { Type } from 'class-transformer';
import { IsArray, IsISO8601, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Encrypted } from '@millrace/core';
import { Bucket } from '@millrace/storage';

/** A channel that a user chose. */
export class ChosenChannel {
  @IsString() channel!: string;
  /** What the channel made of the settings that the user gave. */
  @IsOptional() @IsObject() settings?: object;
}

/** How a user wants to be notified, by the user's id. */
@Bucket('user-notification-preferences')
export class Preferences {
  /** Of the user whose they are: an id may be taken again by somebody else. */
  @IsISO8601({ strict: true }) registeredAt!: string;
  /** The types of events that are told; absent: all, also those that are yet to come. */
  @IsOptional() @IsArray() @IsString({ each: true }) types?: string[];

  /** With addresses and secrets, so encrypted as a whole. */
  @Encrypted()
  @ValidateNested({ each: true })
  @Type(() => ChosenChannel)
  channels!: ChosenChannel[];
}

/** Where nothing was chosen: everything goes to the inbox, and nowhere else. */
export const defaultPreferences = (registeredAt: string): Preferences => ({ registeredAt, channels: [] });
