import { Msg } from '@nats-io/transport-node';

/** JetStream's answer to a publish, as a union. */
export type PublishAnswer =
  | { kind: 'stored'; stream: string; sequence: number; duplicate: boolean }
  /** No stream takes the subject, or its leader is being elected. */
  | { kind: 'no-stream' }
  /** The server cannot store now, but may be able to later. */
  | { kind: 'unavailable'; serverCode: number; description: string }
  | { kind: 'rejected'; serverCode: number; description: string }
  /** Not JetStream's: some subscriber of the subject answered too. It says nothing about the store. */
  | { kind: 'foreign' };

const NO_RESPONDERS = 503;

/** Reads a publish ack (ADR-1, ADR-22). */
export const parsePublishAck = (message: Msg): PublishAnswer => {
  if (message.data.length === 0) {
    const code = message.headers?.code ?? 0;
    return { kind: code === NO_RESPONDERS ? 'no-stream' : 'foreign' };
  }
  const ack = readJson(message);
  const error = isRecord(ack?.['error']) ? ack['error'] : undefined;
  if (error) {
    const { code, err_code: serverCode, description } = error;
    return {
      kind: code === NO_RESPONDERS ? 'unavailable' : 'rejected',
      serverCode: typeof serverCode === 'number' ? serverCode : 0,
      description: typeof description === 'string' ? description : 'no description',
    };
  }
  const { stream, seq: sequence, duplicate } = ack ?? {};
  if (typeof stream !== 'string' || stream === '' || typeof sequence !== 'number' || !(sequence > 0)) {
    return { kind: 'foreign' };
  }
  return { kind: 'stored', stream, sequence, duplicate: duplicate === true };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

// An exception in a subscription's callback ends the client's reading for good: this must not throw.
const readJson = (message: Msg): Record<string, unknown> | undefined => {
  try {
    const value: unknown = message.json();
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
