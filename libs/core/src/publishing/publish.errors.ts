import { ErrorCode } from '../errors/error-codes.js';
import { MillraceError, PublishError } from '../errors/millrace.error.js';
import { AnyRequest, PublishAttempts, Refusal } from './publish.request.js';

/** The bytes of a message as the server counts them: headers and body. */
export const sizeOf = ({ payload, headers }: AnyRequest): number => payload.length + headersSize(headers);

/** As on the wire: `NATS/1.0`, a line for each value, an empty line. */
const headersSize = (headers: AnyRequest['headers']): number => {
  if (headers instanceof Uint8Array) return headers.length;
  let bytes = 'NATS/1.0\r\n\r\n'.length;
  for (const [name, values] of headers) {
    for (const value of values) bytes += Buffer.byteLength(`${name}: ${value}\r\n`);
  }
  return bytes;
};

/** An attempt without an answer may have been stored; one that was refused was not. */
export const mayBeStored = ({ attempts, refusals }: PublishAttempts): boolean => attempts > refusals;

export const tooLarge = (entry: PublishAttempts, limit: number): PublishError => {
  const { subject } = entry.request;
  const bytes = sizeOf(entry.request);
  return new PublishError(ErrorCode.EventTooLarge, `The message to '${subject}' has ${bytes} bytes`, {
    remedy: `Keep it below the server's limit of ${limit} bytes (max_payload): store what is large, and send a reference`,
    details: { subject, bytes, limit },
    mayBeStored: mayBeStored(entry),
  });
};

export const connectionClosed = (mayBeStored: boolean): MillraceError =>
  new PublishError(ErrorCode.ConnectionClosed, 'The connection is closed', {
    remedy: 'Publish before the application shuts down',
    mayBeStored,
  });

export const denied = (entry: PublishAttempts, cause: Error): PublishError =>
  new PublishError(ErrorCode.PublishRejected, `This user may not publish to '${entry.request.subject}'`, {
    remedy: "Allow the subject in the user's publish permissions",
    details: { subject: entry.request.subject, attempts: entry.attempts },
    cause,
    mayBeStored: mayBeStored(entry),
  });

export const failure = (entry: PublishAttempts, answer: Refusal | undefined): PublishError => {
  const { request, attempts } = entry;
  const details = { subject: request.subject, attempts };
  if (answer === undefined) {
    return new PublishError(ErrorCode.PublishTimeout, `'${request.subject}' was not confirmed in time`, {
      remedy: 'Check that NATS is reachable, then publish again with the same message id',
      details,
      mayBeStored: mayBeStored(entry),
    });
  }
  if (answer.kind === 'no-stream') {
    return new PublishError(ErrorCode.PublishNoStream, `No stream takes '${request.subject}'`, {
      remedy: "Let the application provision its streams (provision: 'create'), or create the stream",
      details,
      mayBeStored: mayBeStored(entry),
    });
  }
  return new PublishError(
    ErrorCode.PublishRejected,
    `The server refused '${request.subject}': ${answer.description}`,
    {
      remedy: 'See the server code',
      details,
      mayBeStored: mayBeStored(entry),
      serverCode: answer.serverCode,
    },
  );
};
