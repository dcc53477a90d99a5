import { Body, Controller, DynamicModule, Get, Injectable, Module, Post } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { NatsModule } from '@millrace/core';
import {
  constant,
  Context,
  Event,
  EventMessage,
  EventsModule,
  PermanentError,
  Subscribe,
} from '@millrace/events';
import { AuditModule } from './audit/audit.module.js';
import { AppConfig } from './config/app.config.js';
import { natsOptions } from './config/nats.options.js';
import { HealthModule } from './health/health.module.js';

export class ShopConfig extends AppConfig {
  readonly app = 'shop';
}

@Event('shop.sold', { key: 'item' })
export class Sold {
  @IsString() item!: string;
  /** What becomes of it: nothing, one failure, or a permanent one. */
  @IsString() fate!: string;

  constructor(fields: Sold) {
    Object.assign(this, fields);
  }
}

@Injectable()
export class Till {
  readonly seen: { event: Sold; attempt: number }[] = [];

  @Subscribe(Sold, { group: 'till', retry: { attempts: 3, backoff: constant(0) } })
  take(event: Sold, @Context() { attempt }: EventMessage): void {
    this.seen.push({ event, attempt });
    if (event.fate === 'fails once' && attempt === 1) throw new Error('not yet');
    if (event.fate === 'fails for good') throw new PermanentError('never');
  }
}

class Line {
  @IsInt() @Min(1) quantity!: number;
}

class Basket {
  @IsString() owner!: string;
  @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
}

@Controller()
class ShopController {
  @Post('baskets')
  create(@Body() basket: Basket): Basket {
    return basket;
  }

  @Get('bug')
  bug(): never {
    throw new TypeError('a secret of the implementation');
  }
}

@Module({ imports: [HealthModule, AuditModule], controllers: [ShopController], providers: [Till] })
export class ShopModule {
  static forRoot(config: ShopConfig): DynamicModule {
    return { module: ShopModule, imports: [NatsModule.forRoot(natsOptions(config)), EventsModule.forRoot()] };
  }
}
