import { Injectable } from '@nestjs/common';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { UsersService } from '../users/users.service.js';
import { withNotification } from './inbox.js';
import { Inbox, Notification } from './notifications.bucket.js';

/** Keeps the newest notifications of each user. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectBucket(Inbox) private readonly inboxes: Bucket<Inbox>,
    private readonly users: UsersService,
  ) {}

  /** Adds a notification, once: the same one again changes nothing. */
  async add(userId: string, notification: Notification): Promise<void> {
    await this.inboxes.commit(userId, (current) => ({
      state: withNotification(current?.value, notification),
    }));
  }

  /**
   * Newest first. Those of a user who left can still be read.
   * @throws NotFoundException `USER_UNKNOWN` for somebody who never was here.
   */
  async list(userId: string): Promise<Notification[]> {
    const entry = await this.inboxes.get(userId);
    if (entry) return entry.value.items;
    await this.users.get(userId);
    return [];
  }
}
