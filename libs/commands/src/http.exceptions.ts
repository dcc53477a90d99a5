import { HttpException } from '@nestjs/common';
import { HttpExceptions } from './wire/wire.error.js';

/** Nest's HTTP exceptions, for the engine. */
export const nestHttpExceptions: HttpExceptions = {
  read: (error) =>
    error instanceof HttpException
      ? { status: error.getStatus(), message: error.message, response: error.getResponse() }
      : undefined,
  create: ({ status, message, response }) => {
    const said = typeof response === 'string' || (typeof response === 'object' && response !== null);
    const exception = new HttpException(said ? response : message, status);
    exception.message = message;
    return exception;
  },
};
