import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { NOTIFYING_EVENTS, type NotifyingEvent, textOf } from './notification.text.js';
import { NotificationsService } from './notifications.service.js';

/** Tells users what happened to them. */
@Injectable()
export class NotificationsSubscriber {
  constructor(private readonly notifications: NotificationsService) {}

  @Subscribe(NOTIFYING_EVENTS, { group: 'user-notifications' })
  async notify(event: NotifyingEvent, @Context() message: EventMessage): Promise<void> {
    await this.notifications.add(event.userId, {
      id: message.id,
      type: message.type,
      at: message.publishedAt.toISOString(),
      text: textOf(event),
    });
  }
}
