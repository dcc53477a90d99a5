import { Injectable } from '@nestjs/common';
import { withNewest } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { UsersService } from '../users/users.service.js';
import { Inbox, Notification } from './notifications.bucket.js';

/** How many notifications a user keeps. */
export const INBOX_SIZE = 100;

/** Keeps the newest notifications of each user. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectBucket(Inbox) private readonly inboxes: Bucket<Inbox>,
    private readonly users: UsersService,
  ) {}

  /** Adds a notification, once: the same one again changes nothing. */
  async add(userId: string, notification: Notification): Promise<void> {
    await this.inboxes.commit(userId, (current) => {
      const items = withNewest(current?.value.items ?? [], notification, INBOX_SIZE);
      return items ? { state: { items } } : {};
    });
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
