import { headers as createHeaders, Msg, MsgHdrs } from '@nats-io/transport-node';
import { HeaderMap } from '@millrace/core';

/**
 * The packets of Nest's own NATS transport: what speaks that can be called, and can call, while services move
 * one by one.
 */
export interface RequestPacket {
  readonly pattern: unknown;
  readonly data: unknown;
  /** `undefined` for an event that was emitted over core NATS, and for bare data. */
  readonly id?: string;
}

export interface ReplyPacket {
  id?: string;
  response?: unknown;
  err?: unknown;
  /** Nothing comes after it. */
  isDisposed?: boolean;
  status?: string;
}

/** In a reply: where the caller says that it wants no more. */
export const CANCEL_HEADER = 'Millrace-Cancel';

const REPLY_FIELDS = ['id', 'response', 'err', 'isDisposed', 'status'];
const NO_RESPONDERS = 503;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A request; bare data of a client that knows nothing of packets is one too, without an id. */
export const toRequestPacket = (value: unknown, route: string): RequestPacket => {
  if (!isRecord(value) || !('pattern' in value) || !('data' in value)) return { pattern: route, data: value };
  const { pattern, data, id } = value;
  return typeof id === 'string' ? { pattern, data, id } : { pattern, data };
};

/** A reply; bare data is a whole one. */
export const toReplyPacket = (value: unknown): ReplyPacket => {
  const fields = isRecord(value) ? Object.keys(value) : [];
  return isRecord(value) && fields.length > 0 && fields.every((name) => REPLY_FIELDS.includes(name))
    ? value
    : { response: value, isDisposed: true };
};

export const toNatsHeaders = (map: HeaderMap): MsgHdrs | undefined => {
  const entries = Object.entries(map);
  if (entries.length === 0) return undefined;
  const headers = createHeaders();
  for (const [name, value] of entries) headers.set(name, value);
  return headers;
};

/** Whether it is the server's answer that nobody listens. */
export const isNoResponders = ({ data, headers }: Msg): boolean =>
  data.length === 0 && headers?.code === NO_RESPONDERS;
