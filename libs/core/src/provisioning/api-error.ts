import { JetStreamApiError } from '@nats-io/jetstream';

/** The `err_code` values of the JetStream API that Millrace acts on. */
export const ApiErrorCode = {
  ConsumerNotFound: 10014,
  ConsumerExists: 10148,
  ConsumerNameInUse: 10013,
  StreamNotFound: 10059,
  StreamNameInUse: 10058,
  /** The stream as it is cannot become what is asked for. */
  StreamConfigInvalid: 10052,
  SubjectsOverlap: 10065,
  MessageNotFound: 10037,
  /** A cluster without a leader, as while it comes up. */
  ClusterUnavailable: 10008,
  WrongLastSequence: 10071,
} as const;

/** Whether `error` is the JetStream API's with one of these `err_code`s. */
export const isApiError = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof JetStreamApiError && codes.includes(error.code);
