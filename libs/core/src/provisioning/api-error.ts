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
  /** Whom the request reached has lost the lead. */
  NoLeader: 10009,
  /** Not enough nodes are up for as many replicas. */
  NoPeers: 10005,
  /** The node that has the stream is away. */
  StreamOffline: 10118,
  ConsumerOffline: 10119,
  WrongLastSequence: 10071,
} as const;

/** Whether `error` is the JetStream API's with one of these `err_code`s. */
export const isApiError = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof JetStreamApiError && codes.includes(error.code);
