import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { type User } from '../../users/users.bucket.js';
import { UsersService } from '../../users/users.service.js';
import { Inbox, Notification } from './inbox.bucket.js';

/** How many notifications a user keeps. */
export const INBOX_SIZE = 100;

/** The notifications of this very user, and not of one who had its id before. */
export const itemsOf = (
  inbox: Inbox | undefined,
  { registeredAt }: Pick<User, 'registeredAt'>,
): readonly Notification[] => (inbox?.registeredAt === registeredAt ? inbox.items : []);

/** What users were told, for them to read. */
@Injectable()
export class InboxService {
  constructor(
    @InjectBucket(Inbox) private readonly inboxes: Bucket<Inbox>,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly users: UsersService,
  ) {}

  /** Newest first. @throws NotFoundException `USER_UNKNOWN` */
  async list(userId: string): Promise<readonly Notification[]> {
    const user = await this.users.get(userId);
    return itemsOf((await this.inboxes.get(userId))?.value, user);
  }

  /** How many became read by it. @throws NotFoundException `USER_UNKNOWN` */
  markAllRead(userId: string): Promise<number> {
    return this.mark(userId, () => true);
  }

  /** Once is enough: what is read stays as it is. @throws NotFoundException `USER_UNKNOWN`, `NOTIFICATION_UNKNOWN` */
  async markRead(userId: string, notificationId: string): Promise<void> {
    const items = await this.list(userId);
    if (!items.some(({ id }) => id === notificationId)) throw notificationUnknown(notificationId);
    await this.mark(userId, ({ id }) => id === notificationId);
  }

  /**
   * What a user is told from now on, oldest first; after a notification that is still there, also what came since.
   * Ends with the signal, when the user leaves, and at once for somebody unknown.
   */
  async *follow(
    userId: string,
    { after, signal }: { after: string | undefined; signal: AbortSignal },
  ): AsyncGenerator<Notification> {
    const watch = this.inboxes.watch(userId, { from: 'new', signal });
    await watch.ready;
    const user = await this.users.find(userId);
    if (!user) return;
    let items = itemsOf((await this.inboxes.get(userId))?.value, user);
    const seen = items.findIndex(({ id }) => id === after);
    if (after !== undefined) yield* items.slice(0, seen === -1 ? items.length : seen).reverse();
    for await (const { kind, value } of watch) {
      if (kind !== 'put') return;
      const known = new Set(items.map(({ id }) => id));
      items = itemsOf(value, user);
      yield* items.filter(({ id }) => !known.has(id)).reverse();
    }
  }

  private async mark(userId: string, wanted: (notification: Notification) => boolean): Promise<number> {
    const user = await this.users.get(userId);
    const readAt = new Date(this.connection.clock.now()).toISOString();
    let marked = 0;
    await this.inboxes.commit(userId, (current) => {
      const items = itemsOf(current?.value, user);
      const isUnread = (item: Notification): boolean => item.readAt === undefined && wanted(item);
      marked = items.filter(isUnread).length;
      if (marked === 0) return {};
      const { registeredAt } = user;
      return {
        state: {
          registeredAt,
          items: items.map((item) => (isUnread(item) ? withReadAt(item, readAt) : item)),
        },
      };
    });
    return marked;
  }
}

const withReadAt = ({ id, type, at, text }: Notification, readAt: string): Notification => ({
  id,
  type,
  at,
  text,
  readAt,
});

const notificationUnknown = (id: string): NotFoundException =>
  new NotFoundException({
    code: 'NOTIFICATION_UNKNOWN',
    message: 'There is no such notification any more',
    notificationId: id,
  });
