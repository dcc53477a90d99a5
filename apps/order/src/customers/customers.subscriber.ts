import { Injectable } from '@nestjs/common';
import { UserRegistered, UserUnregistered } from '@millrace/contracts';
import { Subscribe } from '@millrace/events';
import { CustomersService } from './customers.service.js';

/** Follows who registers and who leaves. */
@Injectable()
export class CustomersSubscriber {
  constructor(private readonly customers: CustomersService) {}

  @Subscribe([UserRegistered, UserUnregistered], { group: 'order-customers' })
  async follow(event: UserRegistered | UserUnregistered): Promise<void> {
    await this.customers.note(
      event.userId,
      event instanceof UserRegistered
        ? { registered: true, asOf: event.registeredAt }
        : { registered: false, asOf: event.unregisteredAt },
    );
  }
}
