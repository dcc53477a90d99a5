import { ArgumentMetadata, BadRequestException, Injectable, ValidationPipe } from '@nestjs/common';
import { violationsOf } from './violations.js';

const PARTS_OF_REQUESTS: readonly unknown[] = ['body', 'query', 'param'];

/** Refuses a request that breaks its class, or says more than the class knows, with all violations by path. */
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

  // Global pipes run on subscribers too, and an event may say more than this reader knows: its publisher is newer.
  protected override toValidate(metadata: ArgumentMetadata): boolean {
    return PARTS_OF_REQUESTS.includes(metadata.type) && super.toValidate(metadata);
  }
}
