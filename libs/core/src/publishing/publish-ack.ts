import { Msg } from '@nats-io/transport-node';

/** JetStream's answer to a publish, as a union. */
export type PublishAnswer =
  | { kind: 'stored'; stream: string; sequence: number; duplicate: boolean }
  /** No stream takes the subject, or its leader is being elected. */
  | { kind: 'no-stream' }
  /** The server cannot store now, but may be able to later. */
  | { kind: 'unavailable'; serverCode: number; description: string }
  | { kind: 'rejected'; serverCode: number; description: string };

interface WireAck {
  stream?: string;
  seq?: number;
  duplicate?: boolean;
  error?: { code?: number; err_code?: number; description?: string };
}

const NO_RESPONDERS = 503;

/** Reads a publish ack (ADR-1, ADR-22). */
export const parsePublishAck = (message: Msg): PublishAnswer => {
  if (message.data.length === 0) {
    const code = message.headers?.code ?? 0;
    return code === NO_RESPONDERS
      ? { kind: 'no-stream' }
      : {
          kind: 'unavailable',
          serverCode: code,
          description: message.headers?.description ?? 'an empty answer',
        };
  }
  const ack = message.json<WireAck>();
  if (ack.error) {
    const { code = 0, err_code: serverCode = 0, description = 'no description' } = ack.error;
    return { kind: code === NO_RESPONDERS ? 'unavailable' : 'rejected', serverCode, description };
  }
  return {
    kind: 'stored',
    stream: ack.stream ?? '',
    sequence: ack.seq ?? 0,
    duplicate: ack.duplicate ?? false,
  };
};
