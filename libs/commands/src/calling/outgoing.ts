import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import {
  childTrace,
  encodeAttribute,
  ErrorCode,
  HeaderMap,
  HeaderName,
  MillraceConnection,
  MillraceError,
} from '@millrace/core';
import { CommandContract } from '../contracts/command.decorator.js';
import { CommandHeader } from '../wire/command.headers.js';
import { closed } from '../wire/command.errors.js';

/** A validated command on its way out. */
export interface Outgoing {
  readonly contract: CommandContract;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  /** Until when by the monotonic clock; `Infinity` for a stream that may go on. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly parentTrace: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly headers: HeaderMap | undefined;
}

/** The headers of a request, with what is left of its time. */
export const requestHeaders = (outgoing: Outgoing, now: number): MsgHdrs => {
  const headers = createHeaders();
  if (outgoing.headers)
    for (const [name, value] of Object.entries(outgoing.headers)) headers.set(name, value);
  if (outgoing.deadline < Infinity) {
    headers.append(CommandHeader.Timeout, String(Math.max(1, Math.round(outgoing.deadline - now))));
  }
  headers.append(HeaderName.TraceParent, childTrace(outgoing.parentTrace));
  if (outgoing.idempotencyKey !== undefined) {
    headers.append(CommandHeader.IdempotencyKey, encodeAttribute(outgoing.idempotencyKey));
  }
  return headers;
};

/** Why the client could not send. */
export const unsendable = ({ nc }: MillraceConnection, outgoing: Outgoing, cause: unknown): MillraceError => {
  const { type } = outgoing.contract;
  if (nc.isClosed() || nc.isDraining()) return closed(type);
  const limit = nc.info?.max_payload ?? 0;
  return new MillraceError(
    ErrorCode.CommandTooLarge,
    `${type} has ${outgoing.payload.length} bytes and its headers`,
    {
      remedy: `Keep it below the server's limit of ${limit} bytes (max_payload): store what is large, and send a reference`,
      details: { type, bytes: outgoing.payload.length, limit },
      cause,
    },
  );
};
