/** What the server tells of a message that it will not deliver again, though nobody acknowledged it. */
export interface Advisory {
  /** `terminated` by somebody's answer, or `exhausted`: the consumer's own bound of deliveries is reached. */
  kind: 'terminated' | 'exhausted';
  stream: string;
  consumer: string;
  /** Of the message, in its stream. */
  sequence: number;
  deliveries: number;
  /** What whoever terminated it gave as a reason. */
  reason: string | undefined;
  at: Date;
}

const KINDS: Readonly<Record<string, Advisory['kind']>> = {
  'io.nats.jetstream.advisory.v1.terminated': 'terminated',
  'io.nats.jetstream.advisory.v1.max_deliver': 'exhausted',
};

/** Reads an advisory (`$JS.EVENT.ADVISORY.CONSUMER.…`); `undefined` for what is none of the two. */
export const parseAdvisory = (body: Uint8Array): Advisory | undefined => {
  const fields = readJson(body);
  const kind = KINDS[String(fields['type'])];
  const { stream, consumer, stream_seq: sequence, deliveries, reason } = fields;
  const at = new Date(String(fields['timestamp']));
  if (!kind || typeof stream !== 'string' || typeof consumer !== 'string') return undefined;
  if (typeof sequence !== 'number' || Number.isNaN(at.getTime())) return undefined;
  return {
    kind,
    stream,
    consumer,
    sequence,
    deliveries: typeof deliveries === 'number' ? deliveries : 1,
    reason: typeof reason === 'string' && reason !== '' ? reason : undefined,
    at,
  };
};

const readJson = (body: Uint8Array): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
