import { headers as createHeaders, Msg } from '@nats-io/transport-node';
import { Delivery, Lease } from './index.js';

export interface MessageSetup {
  stream?: string;
  sequence?: number;
  attempt?: number;
  storedAtMs?: number;
  subject?: string;
  body?: string;
  headers?: Record<string, string>;
  group?: string;
  lease?: Lease;
}

/** The code of the error that `task` throws. */
export const codeOf = (task: () => unknown): unknown => {
  try {
    task();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return undefined;
};

/** A delivered message as the client gives it. `answers` takes what is responded. */
export const fakeMessage = (setup: MessageSetup = {}, answers: string[] = []): Msg => {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(setup.headers ?? {})) headers.set(name, value);
  const { stream = 'S', attempt = 1, sequence = 1, storedAtMs = 1_700_000_000_123 } = setup;
  const message: Partial<Msg> = {
    subject: setup.subject ?? 'orders.paid.k',
    reply: `$JS.ACK.${stream}.g.${attempt}.${sequence}.1.${storedAtMs}000000.0`,
    data: new TextEncoder().encode(setup.body ?? '{}'),
    headers,
    respond: (payload) => {
      answers.push(new TextDecoder().decode(payload as Uint8Array));
      return true;
    },
  };
  return message as Msg;
};

export const fakeDelivery = (setup: MessageSetup = {}): Delivery =>
  new Delivery(fakeMessage(setup), setup.group ?? 'g', setup.lease ?? { extend: () => undefined });
