import { ErrorCode, errorMessage, MillraceError } from '@millrace/core';

export const lettersUnreachable = (cause: unknown): MillraceError =>
  new MillraceError(ErrorCode.StorageUnavailable, `The dead letters cannot be read: ${errorMessage(cause)}`, {
    remedy: 'Check that NATS is reachable, then ask again',
    cause,
  });

export const unknownDeadLetter = (id: string, cause?: unknown): MillraceError =>
  new MillraceError(ErrorCode.DeadLetterUnknown, `There is no dead letter '${id}'`, {
    remedy: 'List the dead letters: it may have been replayed or discarded',
    details: { id },
    cause,
  });

export const bodyGone = (id: string, stream: string, sequence: number): MillraceError =>
  new MillraceError(
    ErrorCode.DeadLetterBodyGone,
    `The body of the dead letter '${id}' was left in ${stream} ${sequence}, which is gone`,
    {
      remedy: 'Replay it with a body of your own, or discard it',
      details: { id, stream, sequence },
    },
  );
