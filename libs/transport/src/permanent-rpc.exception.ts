import { RpcException } from '@nestjs/microservices';
import { PermanentError } from '@millrace/core';

/**
 * Throw it in an event handler where no retry can help: the event goes to the dead letters at once. Nest's
 * exception filters let it through, as they do not with other errors.
 */
export class PermanentRpcException extends RpcException {
  constructor(message: string, options?: { cause?: unknown }) {
    super(new PermanentError(message, options));
  }
}
