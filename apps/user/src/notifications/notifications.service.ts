import { Injectable } from '@nestjs/common';
import { NotificationDue } from '@millrace/contracts';
import { withNewest } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { UsersService } from '../users/users.service.js';
import { Inbox, Notification } from './inbox/inbox.bucket.js';
import { INBOX_SIZE, itemsOf } from './inbox/inbox.service.js';
import { PreferencesService } from './preferences/preferences.service.js';

/**
 * Tells users what happened, once per event: the inbox and what is due over channels are one commit, which the
 * redelivery of an event does not repeat.
 */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectBucket(Inbox) private readonly inboxes: Bucket<Inbox>,
    private readonly users: UsersService,
    private readonly preferences: PreferencesService,
  ) {}

  /** Tells a user, as it prefers. Whoever is not registered is told nothing. */
  async tell(userId: string, notification: Notification): Promise<void> {
    const user = await this.users.find(userId);
    if (!user) return;
    const { registeredAt } = user;
    const { types, channels } = await this.preferences.of(user);
    if (types && !types.includes(notification.type)) return;
    await this.inboxes.commit(userId, (current) => {
      const known = itemsOf(current?.value, user);
      if (known.some(({ id }) => id === notification.id)) return {};
      const items = withNewest(known, notification, INBOX_SIZE);
      const names = channels.map(({ channel }) => channel);
      return {
        ...(items ? { state: { registeredAt, items } } : {}),
        events: dueOver(names, { userId, registeredAt, notification }),
      };
    });
  }

  /** Tells a user who left, over the channels, and forgets what it was told before. */
  async sayGoodbye(userId: string, notification: Notification): Promise<void> {
    const now = await this.users.find(userId);
    const preferences = await this.preferences.ofLeaver(userId, now);
    await this.inboxes.commit(userId, (current) => {
      const isSuccessors = current !== undefined && current.value.registeredAt === now?.registeredAt;
      const names = preferences?.channels.map(({ channel }) => channel) ?? [];
      const wanted = preferences?.types?.includes(notification.type) ?? true;
      return {
        ...(current && !isSuccessors ? { state: null } : {}),
        events:
          preferences && wanted
            ? dueOver(names, { userId, registeredAt: preferences.registeredAt, notification })
            : [],
      };
    });
  }
}

const dueOver = (
  channels: string[],
  {
    userId,
    registeredAt,
    notification: { id, type, at, text },
  }: { userId: string; registeredAt: string; notification: Notification },
): NotificationDue[] =>
  channels.length === 0
    ? []
    : [new NotificationDue({ notificationId: id, userId, registeredAt, type, at, text, channels })];
