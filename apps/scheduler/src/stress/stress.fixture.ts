import { ConflictException, DynamicModule, Injectable, Module } from '@nestjs/common';
import { CommandsModule, HandleCommand } from '@millrace/commands';
import {
  OrderCancelled,
  OrderCreated,
  OrderPaid,
  OrderProcessing,
  PlacedOrder,
  PlaceOrder,
  RegisterUser,
  UserRegistered,
  UserSummary,
} from '@millrace/contracts';
import { delay, NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';
import { EncryptingConfig, natsOptions } from '@millrace-apps/shared';

export class StandInConfig extends EncryptingConfig {
  readonly app = 'stand-in';
}

/** What becomes of a unit, by its number. */
export type Fate = 'processed' | 'cancelled' | 'refused' | 'broken';

/** Stands in for `user` and `order`: registers and takes orders, as slowly and as badly as it is told. */
@Injectable()
export class StandIn {
  fateOf: (unit: number) => Fate = () => 'processed';
  /** One that stands still answers no command. */
  stillUntil = 0;

  constructor(private readonly bus: EventBus) {}

  @HandleCommand(RegisterUser)
  async register({ userId = '', name, email }: RegisterUser): Promise<UserSummary> {
    await delay(Math.max(0, this.stillUntil - Date.now()));
    const fate = this.fate(userId);
    if (fate === 'refused') throw new ConflictException({ code: 'USER_EXISTS' });
    if (fate === 'broken') throw new Error('broken');
    const fields = { userId, name, email, origin: 'api' as const, registeredAt: new Date().toISOString() };
    await this.bus.publish(new UserRegistered(fields));
    return new UserSummary(fields);
  }

  @HandleCommand(PlaceOrder)
  async place({ orderId = '', userId, lines, currency }: PlaceOrder): Promise<PlacedOrder> {
    const at = new Date().toISOString();
    const by = { orderId, userId, actor: 'stand-in', at };
    await this.bus.publish(
      new OrderCreated({ orderId, userId, lines, currency, totalCents: 100, createdAt: at }),
    );
    const fate = this.fate(userId);
    if (fate === 'cancelled') {
      await this.bus.publish(new OrderCancelled({ ...by, reason: 'payment-failed' }));
    } else {
      await this.bus.publish(new OrderPaid({ ...by, paymentId: 'p', amountCents: 100, currency }));
      await this.bus.publish(new OrderProcessing(by));
    }
    return new PlacedOrder({ orderId, totalCents: 100, createdAt: at });
  }

  private fate(userId: string): Fate {
    return this.fateOf(Number(userId.split('-').at(-1)));
  }
}

@Module({ providers: [StandIn] })
export class StandInApp {
  static forRoot(config: StandInConfig): DynamicModule {
    return {
      module: StandInApp,
      imports: [NatsModule.forRoot(natsOptions(config)), EventsModule.forRoot(), CommandsModule.forRoot()],
    };
  }
}
