import { ErrorCode, MillraceError } from '@millrace/core';
import { ReplyPacket } from './wire.js';

export const noHandler = (route: string): MillraceError =>
  new MillraceError(ErrorCode.CommandNoHandler, `Nobody handles '${route}'`, {
    remedy: 'Start the service whose @MessagePattern it is, or correct the pattern',
    details: { route },
  });

export const noReply = (route: string, timeoutMs: number): MillraceError =>
  new MillraceError(ErrorCode.CommandTimeout, `'${route}' did not reply within ${timeoutMs} ms`, {
    remedy: 'Send it again if that does no harm, or give the request a longer timeout',
    details: { route, timeoutMs },
  });

export const unreadableReply = (route: string, cause: Error): MillraceError =>
  new MillraceError(ErrorCode.CommandUnreadable, `The reply of '${route}' cannot be read: ${cause.message}`, {
    remedy: 'Let the handler reply with JSON',
    details: { route },
    cause,
  });

/** The reply to a request that finds no room. */
export const overloaded = (route: string, maxRequests: number): ReplyPacket => ({
  err: {
    status: 'error',
    code: ErrorCode.CommandOverloaded,
    message: `'${route}' is overloaded: ${maxRequests} requests are being handled`,
  },
  isDisposed: true,
});
