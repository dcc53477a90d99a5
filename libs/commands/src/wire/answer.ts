import { MsgHdrs } from '@nats-io/transport-node';

/** What goes back to a caller. */
export interface Answer {
  payload: Uint8Array;
  headers?: MsgHdrs;
}
