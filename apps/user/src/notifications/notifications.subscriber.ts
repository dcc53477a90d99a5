import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { isNotificationType, NOTIFYING_EVENTS, type NotifyingEvent, textOf } from './notification.text.js';
import { NotificationsService } from './notifications.service.js';

/** Tells users what happened to them. */
@Injectable()
export class NotificationsSubscriber {
  constructor(private readonly notifications: NotificationsService) {}

  @Subscribe(Object.values(NOTIFYING_EVENTS), { group: 'user-notifications' })
  async notify(event: NotifyingEvent, @Context() message: EventMessage): Promise<void> {
    const { id, type, publishedAt } = message;
    if (!isNotificationType(type)) return;
    const notification = { id, type, at: publishedAt.toISOString(), text: textOf(type, event) };
    if (type === 'user.unregistered') await this.notifications.sayGoodbye(event.userId, notification);
    else await this.notifications.tell(event.userId, notification);
  }
}
