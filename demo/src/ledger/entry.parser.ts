import { HeaderLike } from './header.reader.js';
import { DeadLetterEntry, GroupStart, GroupState, HandledRecord, StoredEvent } from './ledger.entries.js';

/** A message as it lies in a stream. */
export interface StoredMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly storedAt: number;
  readonly headers: HeaderLike;
}

const NO_KEY = '_';

/** The event that a stored message is; what is absent is filled in from its place, as Millrace does. */
export const parseEvent = ({ stream, sequence, subject, storedAt, headers }: StoredMessage): StoredEvent => {
  const [, context = '', event = '', keyToken = NO_KEY] = subject.split('.');
  return {
    stream,
    sequence,
    subject,
    type: `${context}.${event}`,
    key: headers('ce-subject') ?? (keyToken === NO_KEY ? undefined : keyToken),
    id: headers('ce-id') ?? headers('Nats-Msg-Id') ?? `${stream}:${sequence}`,
    source: headers('ce-source') ?? 'nats',
    storedAt,
    onlyFor: headers('Millrace-Replay-Group'),
  };
};

export const parseDeadLetter = ({ sequence, subject, headers }: StoredMessage): DeadLetterEntry => ({
  entry: sequence,
  stream: headers('Millrace-Dead-Stream') ?? '',
  sequence: Number(headers('Millrace-Dead-Sequence') ?? 0),
  subject: headers('Millrace-Dead-Subject') ?? subject,
  group: headers('Millrace-Dead-Group') ?? '?',
  attempts: Number(headers('Millrace-Dead-Attempts') ?? 0),
  cause: headers('Millrace-Dead-Cause-Message') ?? 'unknown',
});

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const isOutcome = (value: unknown): value is HandledRecord['outcome'] =>
  value === 'ack' || value === 'retry' || value === 'dead-letter';

/** An audit record; `undefined` where the message is not one. */
export const parseHandled = (body: unknown): HandledRecord | undefined => {
  if (typeof body !== 'object' || body === null) return undefined;
  const { app, group, type, key, stream, sequence, attempt, outcome, ms, cause } = body as Record<
    string,
    unknown
  >;
  if (typeof stream !== 'string' || typeof sequence !== 'number' || !isOutcome(outcome)) return undefined;
  return {
    app: text(app) ?? '?',
    group: text(group) ?? '?',
    type: text(type) ?? '?',
    key: text(key),
    stream,
    sequence,
    attempt: Number(attempt ?? 1),
    outcome,
    ms: Number(ms ?? 0),
    cause: text(cause),
  };
};

/** What of a consumer's description says where its group stands. */
export interface ConsumerLike {
  readonly name: string;
  readonly created: string;
  readonly ack_floor: { readonly stream_seq: number };
  readonly num_pending: number;
  readonly num_ack_pending: number;
  readonly config: {
    readonly durable_name?: string | undefined;
    readonly filter_subject?: string | undefined;
    readonly opt_start_seq?: number | undefined;
    readonly metadata?: Readonly<Record<string, string>> | undefined;
  };
}

/** The group of a consumer; `undefined` for one that no group of Millrace stands for. */
export const parseGroup = (stream: string, consumer: ConsumerLike): GroupState | undefined => {
  const { durable_name: durable, filter_subject: filter, metadata } = consumer.config;
  const group = metadata?.['millrace.group'];
  const app = metadata?.['millrace.app'];
  if (durable === undefined || group === undefined || app === undefined) return undefined;
  return {
    stream,
    consumer: durable,
    group,
    app,
    filter: filter ?? '>',
    start: startOf(metadata?.['millrace.from'], consumer),
    // A consumer made anew after it was deleted begins where the group had settled everything.
    ackFloor: Math.max(consumer.ack_floor.stream_seq, (consumer.config.opt_start_seq ?? 1) - 1),
    pending: consumer.num_pending,
    ackPending: consumer.num_ack_pending,
  };
};

const startOf = (from: string | undefined, { created }: ConsumerLike): GroupStart => {
  if (from === 'new') return { kind: 'time', at: Date.parse(created) };
  if (from !== undefined && /^\d+$/.test(from)) return { kind: 'sequence', sequence: Number(from) };
  const at = from === undefined ? Number.NaN : Date.parse(from);
  return Number.isNaN(at) ? { kind: 'beginning' } : { kind: 'time', at };
};
