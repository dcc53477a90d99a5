import { BadRequestException, Injectable, ValidationPipe } from '@nestjs/common';
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
      exceptionFactory: (errors) =>
        new BadRequestException({
          code: 'REQUEST_INVALID',
          message: 'The request is not valid',
          violations: violationsOf(errors),
        }),
    });
  }
}
