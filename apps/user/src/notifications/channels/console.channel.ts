import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { NotificationDue } from '@millrace/contracts';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { channelGroup, type NotificationChannel, type OutgoingNotification } from './channel.js';
import { Channels } from './channels.js';

const NAME = 'console';

/** Writes to the app's log: the least that a channel can be. */
@Injectable()
export class ConsoleChannel implements NotificationChannel, OnModuleInit {
  readonly name = NAME;
  private readonly log = new Logger('Notification');

  constructor(private readonly channels: Channels) {}

  onModuleInit(): void {
    this.channels.register(this);
  }

  @Subscribe(NotificationDue, { group: channelGroup(NAME) })
  handle(due: NotificationDue, @Context() message: EventMessage): Promise<void> {
    return this.channels.deliver(this, due, message);
  }

  accept(): { settings: object } {
    return { settings: {} };
  }

  show(): object {
    return {};
  }

  deliver({ userId, text }: OutgoingNotification): Promise<void> {
    this.log.log(`To ${userId}: ${text}`);
    return Promise.resolve();
  }
}
