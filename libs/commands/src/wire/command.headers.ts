/** Headers of requests and answers, beside the `Nats-Service-Error` pair of the services protocol (ADR-32). */
export const CommandHeader = {
  /** What is left of the caller's time, in milliseconds: clocks of two machines need not agree. */
  Timeout: 'Millrace-Timeout',
  /** Calls with one key are answered once. */
  IdempotencyKey: 'Millrace-Idempotency-Key',
  /** The caller wants a stream, and takes that many items before it gives more credit. */
  Credits: 'Millrace-Credits',
  /** On what belongs to a stream: see {@link StreamMark}. */
  Stream: 'Millrace-Stream',
  /** Which replica answers; on what several may answer. */
  Replica: 'Millrace-Replica',
  /** How long a task's result is kept, in milliseconds. */
  KeepResult: 'Millrace-Keep-Result',
  ServiceError: 'Nats-Service-Error',
  ServiceErrorCode: 'Nats-Service-Error-Code',
} as const;

/** What a message of a streaming reply is; on items and the end, with the number of items before it. */
export const StreamMark = { Item: 'item', Alive: 'alive', End: 'end' } as const;

/** The server's answer where nobody subscribes to the subject. */
export const NO_RESPONDERS = 503;
