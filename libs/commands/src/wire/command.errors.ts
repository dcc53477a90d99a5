import { ErrorCode, MillraceError } from '@millrace/core';

export const noHandler = (type: string): MillraceError =>
  new MillraceError(ErrorCode.CommandNoHandler, `Nobody handles ${type}`, {
    remedy: 'Start an application that does, or pass { retries } where it may be starting',
    details: { type },
  });

export const timedOut = (type: string, timeoutMs: number): MillraceError =>
  new MillraceError(ErrorCode.CommandTimeout, `${type} was not answered within ${Math.round(timeoutMs)} ms`, {
    remedy: 'It may have been carried out: pass an idempotencyKey to call again, or dispatch what takes long',
    details: { type, timeoutMs },
  });

export const cancelled = (type: string, cause?: unknown): MillraceError =>
  new MillraceError(ErrorCode.CommandCancelled, `${type} was cancelled by its caller`, {
    remedy: 'Call again if it is wanted after all',
    details: { type },
    cause,
  });

export const overloaded = (type: string, inHand: number): MillraceError =>
  new MillraceError(ErrorCode.CommandOverloaded, `${type} has ${inHand} commands in hand and takes no more`, {
    remedy: 'Try again later, start more replicas, or raise concurrency',
    details: { type, inHand },
  });

export const streamLost = (type: string): MillraceError =>
  new MillraceError(ErrorCode.CommandStreamLost, `The other end of ${type}'s stream fell silent`, {
    remedy: 'Ask again; what came before the loss was complete and in order',
    details: { type },
  });

export const streams = (type: string): MillraceError =>
  new MillraceError(ErrorCode.CommandStreams, `${type} is answered by a stream`, {
    remedy: 'Call bus.stream(command)',
    details: { type },
  });

export const closed = (type: string): MillraceError =>
  new MillraceError(ErrorCode.ConnectionClosed, `${type}: the connection is closed`, {
    remedy: 'Send commands before the application shuts down',
    details: { type },
  });
