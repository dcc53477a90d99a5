import { ArgumentMetadata, BadRequestException, Injectable, ValidationPipe } from '@nestjs/common';
import { Violation } from '@millrace/core';
import { unreadablePart } from './unreadable.js';
import { violationsOf } from './violations.js';

/**
 * Refuses a request that breaks its class, or says more than the class knows, with all violations by path.
 * Events pass it untouched, although global pipes run on subscribers too: to Nest their parameters are
 * "custom", which `ValidationPipe` leaves alone. They are validated by their contract, which lets a newer
 * publisher say more.
 */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: (errors) => invalid(violationsOf(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const unreadable = metadata.type === 'custom' ? undefined : unreadablePart(value);
    if (unreadable) throw invalid([unreadable]);
    return (await super.transform(value, metadata)) as unknown;
  }
}

const invalid = (violations: readonly Violation[]): BadRequestException =>
  new BadRequestException({ code: 'REQUEST_INVALID', message: 'The request is not valid', violations });
