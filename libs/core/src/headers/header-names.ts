/** Headers that Millrace writes and reads. `ce-*` is CloudEvents 1.0 in binary mode (NATS protocol binding). */
export const HeaderName = {
  Id: 'ce-id',
  Source: 'ce-source',
  Type: 'ce-type',
  SpecVersion: 'ce-specversion',
  Time: 'ce-time',
  /** The event's key, whole: a subject cannot carry one of any length. */
  Subject: 'ce-subject',
  /** The contract's version; an extension attribute, since CloudEvents has none. */
  EventVersion: 'ce-eventversion',
  ContentType: 'content-type',
  /** W3C Trace Context. */
  TraceParent: 'traceparent',
  TraceState: 'tracestate',
  MessageId: 'Nats-Msg-Id',
  Ttl: 'Nats-TTL',
  Schedule: 'Nats-Schedule',
  ScheduleTarget: 'Nats-Schedule-Target',
  ScheduleTtl: 'Nats-Schedule-TTL',
  ExpectedLastSubjectSequence: 'Nats-Expected-Last-Subject-Sequence',
} as const;

/** Headers of these families act on the server or belong to Millrace: a user's own may not use them. */
const RESERVED = /^(nats-|ce-|millrace-)/i;
/** Headers that act on the server. They must never be copied from one message to another. */
const ACTIVE = /^nats-/i;

export const isReservedHeader = (name: string): boolean => RESERVED.test(name);
export const isServerHeader = (name: string): boolean => ACTIVE.test(name);
