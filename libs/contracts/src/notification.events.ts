import { ArrayNotEmpty, IsISO8601, IsString, Length } from 'class-validator';
import { Event } from '@millrace/events';

/** A notification is to be delivered, beyond the inbox, over the channels that its user chose. */
@Event('notification.due', { key: 'userId' })
export class NotificationDue {
  /** The id of the event that it tells of: the same however often it is delivered. */
  @IsString() @Length(1, 200) notificationId!: string;
  @IsString() @Length(1, 64) userId!: string;
  /** When that user registered, ISO 8601: an id may be taken again by somebody else. */
  @IsISO8601({ strict: true }) registeredAt!: string;
  /** The type of the event that it tells of, as in `order.paid`. */
  @IsString() @Length(1, 100) type!: string;
  /** When that event was published, ISO 8601. */
  @IsISO8601({ strict: true }) at!: string;
  @IsString() @Length(1, 1000) text!: string;
  /** The names of the channels. */
  @ArrayNotEmpty() @IsString({ each: true }) @Length(1, 32, { each: true }) channels!: string[];

  constructor(fields: NotificationDue) {
    Object.assign(this, fields);
  }
}
