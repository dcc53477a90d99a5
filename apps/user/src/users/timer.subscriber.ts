import { Injectable } from '@nestjs/common';
import { TimerTicked } from '@millrace/contracts';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { generatedUser } from './generated-user.js';
import { UsersService } from './users.service.js';

/** Every tick of the timer registers one generated user. */
@Injectable()
export class TimerSubscriber {
  constructor(private readonly users: UsersService) {}

  // The key is the same for every delivery of a tick, and so is the user: a redelivery finds it registered.
  @Subscribe(TimerTicked, { group: 'user-timer-registration' })
  async register(_tick: TimerTicked, @Context() message: EventMessage): Promise<void> {
    await this.users.registerGenerated(generatedUser(message.idempotencyKey));
  }
}
