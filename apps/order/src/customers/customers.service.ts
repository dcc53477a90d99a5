import { Injectable } from '@nestjs/common';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { Customer } from './customers.bucket.js';

/** Who may order. The user app's storage is its own; its events are all that this app has of it. */
@Injectable()
export class CustomersService {
  constructor(@InjectBucket(Customer) private readonly customers: Bucket<Customer>) {}

  /** Since when a user is registered; `undefined` for one who is not. */
  async registeredAt(userId: string): Promise<string | undefined> {
    const customer = (await this.customers.get(userId))?.value;
    return customer?.registered ? customer.asOf : undefined;
  }

  /** Takes note of what an event says; in whatever order events come, the newest stands. */
  async note(userId: string, customer: Customer): Promise<void> {
    await this.customers.commit(userId, (current) =>
      current && Date.parse(current.value.asOf) >= Date.parse(customer.asOf) ? {} : { state: customer },
    );
  }
}
