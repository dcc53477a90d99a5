import { headers as createHeaders, Msg, MsgHdrs } from '@nats-io/transport-node';
import { Codec, ErrorCode, MillraceError } from '@millrace/core';
import { CommandHeader } from './command.headers.js';
import {
  fromWireError,
  HttpExceptions,
  parseWireError,
  statusOf,
  summaryOf,
  WireError,
} from './wire.error.js';

/** An answer that is an error, as it is sent. */
export interface EncodedError {
  payload: Uint8Array;
  headers: MsgHdrs;
}

/** The headers that mark an answer as an error (ADR-32), and the error itself as the body. */
export const encodeError = (error: WireError, codec: Codec): EncodedError => {
  const headers = createHeaders();
  headers.append(CommandHeader.ServiceError, summaryOf(error));
  headers.append(CommandHeader.ServiceErrorCode, String(statusOf(error)));
  return { payload: encodeWireError(error, codec), headers };
};

const encodeWireError = (error: WireError, codec: Codec): Uint8Array => {
  try {
    return codec.encode(error);
  } catch {
    // Details of a user's own may hold what has no JSON form.
    return codec.encode(
      error.kind === 'millrace' ? { ...error, details: {} } : { ...error, response: undefined },
    );
  }
};

/** The error of an answer; `undefined` for one that is none. */
export const readError = (message: Msg, codec: Codec, http: HttpExceptions): Error | undefined => {
  const { headers } = message;
  if (!headers?.has(CommandHeader.ServiceErrorCode)) return undefined;
  const wire = parseWireError(tryDecode(message.data, codec));
  if (wire) return fromWireError(wire, http);
  const status = headers.get(CommandHeader.ServiceErrorCode);
  const text = headers.get(CommandHeader.ServiceError);
  return new MillraceError(ErrorCode.CommandFailed, `The service answered ${status} ${text}`, {
    remedy: 'See the log of the application that handles the command',
    details: { status: Number(status), text },
  });
};

const tryDecode = (body: Uint8Array, codec: Codec): unknown => {
  try {
    return codec.decode(body);
  } catch {
    return undefined;
  }
};
