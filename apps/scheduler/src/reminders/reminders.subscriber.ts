import { Injectable } from '@nestjs/common';
import { ReminderCancelled, ReminderDue, ReminderRequested } from '@millrace/contracts';
import { EventBus, Subscribe } from '@millrace/events';

/** Reminders and time-outs that other applications ask for. They wait in the server, and need no process. */
@Injectable()
export class RemindersSubscriber {
  constructor(private readonly bus: EventBus) {}

  // One at a time in all replicas together: a cancellation must not overtake what it cancels.
  @Subscribe([ReminderRequested, ReminderCancelled], { group: 'scheduler-reminders', maxAckPending: 1 })
  async handle(event: ReminderRequested | ReminderCancelled): Promise<void> {
    if (event instanceof ReminderCancelled) {
      await this.bus.cancel(event.reminderId);
      return;
    }
    const { reminderId, kind, orderId, at } = event;
    // Delivered again, the request is the same publish: what waits is not there twice.
    await this.bus.publish(new ReminderDue({ reminderId, kind, orderId, at }), {
      at: new Date(at),
      messageId: reminderId,
    });
  }
}
