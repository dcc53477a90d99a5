import { ArgumentsHost, Catch, ExceptionFilter, Logger } from '@nestjs/common';
import { errorMessage, toError } from '@millrace/core';
import { Response } from 'express';
import { answerOf } from './error.answer.js';

const RETRY_AFTER_SECONDS = '1';

/** Answers a request that failed; see `answerOf`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('Http');

  catch(error: unknown, host: ArgumentsHost): void {
    // Global filters run on subscribers too: what those throw is the retry policy's business.
    if (host.getType() !== 'http') throw toError(error);
    const answer = answerOf(error);
    if (answer.statusCode === 500) this.log.error(errorMessage(error), toError(error).stack);
    else if (answer.statusCode > 500) this.log.warn(errorMessage(error));
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.end();
      return;
    }
    if (answer.statusCode === 503 || answer.statusCode === 423)
      response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    if (answer.statusCode === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="millrace"');
    response.status(answer.statusCode).json(answer);
  }
}
