import { JetStreamApiError } from '@nats-io/jetstream';

/** The `err_code` values of the JetStream API that Millrace acts on. */
export const ApiErrorCode = {
  ConsumerNotFound: 10014,
  ConsumerExists: 10148,
  ConsumerNameInUse: 10013,
  StreamNotFound: 10059,
  StreamNameInUse: 10058,
  MessageNotFound: 10037,
  WrongLastSequence: 10071,
} as const;

/** Whether `error` is the JetStream API's with this `err_code`. */
export const isApiError = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;
