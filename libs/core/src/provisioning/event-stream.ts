import { DiscardPolicy, RetentionPolicy, StorageType, StreamConfig } from '@nats-io/jetstream';
import { Duration, toMillis, toNanos } from '../duration/duration.js';
import { covers } from '../subjects/event-pattern.js';
import { eventStreamName, eventStreamSubject } from '../subjects/event-subject.js';
import { StreamDeclaration } from './stream.provisioner.js';

/** How a context's events are kept. What is not said is left as it is on the server. */
export interface ContextSettings {
  /** 1, 3 or 5. Default 1. */
  replicas?: number;
  /** Default `file`. */
  storage?: 'file' | 'memory';
  /** Events older than this are dropped, handled or not. Default: kept. */
  maxAge?: Duration;
  /** When full, publishing fails; nothing is dropped. Default: no bound. */
  maxBytes?: number;
  /** How long the server recognises a repeated message id. Default 2 minutes. */
  duplicateWindow?: Duration;
}

/** A module's number of replicas, for the streams of which it says nothing else. */
export const replicated = (replicas: number | undefined): { replicas?: number } =>
  replicas === undefined ? {} : { replicas };

/** Settings by context, in which those not named have a module's number of replicas too. */
export const withDefaultReplicas = (
  contexts: Readonly<Record<string, ContextSettings>> = {},
  replicas?: number,
): Readonly<Record<string, ContextSettings>> => ({
  ...contexts,
  '*': { ...replicated(replicas), ...contexts['*'] },
});

/** The settings of one context: its own before those of `'*'`. */
export const settingsFor = (
  contexts: Readonly<Record<string, ContextSettings>>,
  context: string,
): ContextSettings => ({ ...contexts['*'], ...contexts[context] });

/** What the code says of a stream, and no more: the rest is left as it is on the server. */
export const explicitStreamConfig = (settings: ContextSettings): Partial<StreamConfig> => ({
  ...(settings.replicas === undefined ? {} : { num_replicas: settings.replicas }),
  ...(settings.storage === undefined
    ? {}
    : { storage: settings.storage === 'memory' ? StorageType.Memory : StorageType.File }),
  ...(settings.maxAge === undefined ? {} : { max_age: toNanos(toMillis(settings.maxAge, 'maxAge')) }),
  // Dropping the oldest to make room would lose events that some group has not handled yet.
  ...(settings.maxBytes === undefined ? {} : { max_bytes: settings.maxBytes, discard: DiscardPolicy.New }),
  ...(settings.duplicateWindow === undefined
    ? {}
    : { duplicate_window: toNanos(toMillis(settings.duplicateWindow, 'duplicateWindow')) }),
});

/** For how long a message id is remembered where nobody says it: what the server itself takes by default. */
const DUPLICATE_WINDOW_NS = toNanos(toMillis('2m'));

/** The stream of a context, `EVENTS_<context>`, and what must hold of it. */
export const eventStreamDeclaration = (
  context: string,
  settings: ContextSettings = {},
): StreamDeclaration => ({
  name: eventStreamName(context),
  initial: {
    description: `Events of the context '${context}'`,
    subjects: [eventStreamSubject(context)],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    allow_direct: true,
    metadata: { 'millrace.context': context },
    ...withWindow({}, settings),
  },
  required: { ...explicitStreamConfig(settings), allow_msg_ttl: true },
  merge: (existing) => ({
    ...withSubject(existing, eventStreamSubject(context)),
    ...withWindow(existing, settings),
  }),
});

const withSubject = (existing: StreamConfig, subject: string): Partial<StreamConfig> =>
  existing.subjects.some((present) => covers(present, subject))
    ? {}
    : { subjects: [...existing.subjects.filter((present) => !covers(subject, present)), subject] };

// The server gives a stream that is made with sources no window at all, and refuses one longer than the age.
const withWindow = (existing: Partial<StreamConfig>, settings: ContextSettings): Partial<StreamConfig> => {
  if (settings.duplicateWindow !== undefined) return {};
  const ageNs = settings.maxAge === undefined ? 0 : toNanos(toMillis(settings.maxAge, 'maxAge'));
  const windowNs = Math.min(existing.duplicate_window || DUPLICATE_WINDOW_NS, ageNs || Infinity);
  return windowNs === existing.duplicate_window ? {} : { duplicate_window: windowNs };
};

/** Where a context's stream takes events from, beside its own subject: an outbox, or the delayed events. */
export interface EventSource {
  stream: string;
  /** The subjects to take, as in `outbox.users.user.*.*.*`. */
  from: string;
  /** What they become, as in `events.user.{{wildcard(1)}}.{{wildcard(2)}}`. */
  to: string;
}

/** A context's stream that the server itself feeds from `source`: no process relays. */
export const sourcedEventStream = (
  context: string,
  source: EventSource,
  settings: ContextSettings = {},
): StreamDeclaration => {
  const declaration = eventStreamDeclaration(context, settings);
  const added = { name: source.stream, subject_transforms: [{ src: source.from, dest: source.to }] };
  return {
    ...declaration,
    initial: { ...declaration.initial, sources: [added] },
    merge: (existing) => ({
      ...declaration.merge?.(existing),
      sources: [...(existing.sources ?? []).filter(({ name }) => name !== source.stream), added],
    }),
  };
};
