import { IsBoolean, IsISO8601 } from 'class-validator';
import { Bucket } from '@millrace/storage';

/** What this app knows of a user, by the user's id: a projection of the user app's events. */
@Bucket('order-customers')
export class Customer {
  @IsBoolean() registered!: boolean;
  /** The time of the event that says so. Kept of users who left, too, so that an older event cannot bring them back. */
  @IsISO8601({ strict: true }) asOf!: string;
}
