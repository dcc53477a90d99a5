import type { MsgHdrs } from '@nats-io/transport-node';

/** A message's header by its name; `undefined` where there is none. */
export type HeaderLike = (name: string) => string | undefined;

/** Reads headers; CloudEvents attributes are percent-encoded. */
export const headerReader =
  (headers: MsgHdrs | undefined): HeaderLike =>
  (name) => {
    const value = headers?.get(name);
    return value === undefined || value === '' ? undefined : decode(value);
  };

const decode = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};
