/**
 * Every code a Millrace error can carry. Codes are stable: they are safe to match on, to alert on and to
 * translate; messages are not.
 */
export const ErrorCode = {
  /** A declaration (decorator, module option) is wrong. Thrown while the app starts. */
  ConfigInvalid: 'CONFIG_INVALID',
  /** A duration is neither a number of milliseconds nor text such as `'500ms'`. */
  DurationInvalid: 'DURATION_INVALID',
  /** No server could be reached in time. */
  ConnectionFailed: 'CONNECTION_FAILED',
  /** The server answered, but refused the credentials or the TLS handshake. */
  ConnectionRefused: 'CONNECTION_REFUSED',
  /** The server is older than Millrace needs. */
  ServerTooOld: 'SERVER_TOO_OLD',
  /** The connection is closed or closing. */
  ConnectionClosed: 'CONNECTION_CLOSED',
  /** Two classes declare the same event name and version, or the same bucket. */
  ContractDuplicate: 'CONTRACT_DUPLICATE',
  /** A class is used as a contract but carries no decorator. */
  ContractUnknown: 'CONTRACT_UNKNOWN',
  /** A key is not Unicode text: it holds half of a surrogate pair. */
  KeyInvalid: 'KEY_INVALID',
  /** An event does not satisfy its contract. */
  EventInvalid: 'EVENT_INVALID',
  /** A stored message's body cannot be decoded, or its subject is not an event's. */
  EventUnreadable: 'EVENT_UNREADABLE',
  /** An event arrived in a version that this process has no class for. */
  EventVersionUnknown: 'EVENT_VERSION_UNKNOWN',
  /** An encoded message is larger than the server accepts. */
  EventTooLarge: 'EVENT_TOO_LARGE',
  /** The publish was not confirmed before its deadline. */
  PublishTimeout: 'PUBLISH_TIMEOUT',
  /** No stream takes the subject. */
  PublishNoStream: 'PUBLISH_NO_STREAM',
  /** The server refused the message; `serverCode` holds its own code. */
  PublishRejected: 'PUBLISH_REJECTED',
  /** What exists on the server cannot be made to agree with what the code declares. */
  ProvisionConflict: 'PROVISION_CONFLICT',
  /** `provision: 'bind'` found something missing. */
  ProvisionMissing: 'PROVISION_MISSING',
  /** The server could not be asked to create or update something. */
  ProvisionFailed: 'PROVISION_FAILED',
  /** What the application declares can be given by no bounded list of rights. */
  RightsUnbounded: 'RIGHTS_UNBOUNDED',
  /** A subscriber's class is request-scoped. */
  SubscriberRequestScoped: 'SUBSCRIBER_REQUEST_SCOPED',
  /** Two subscribers of one app use one group for different things. */
  SubscriptionConflict: 'SUBSCRIPTION_CONFLICT',
  /** No consumer belongs to a group of that name. */
  GroupUnknown: 'GROUP_UNKNOWN',
  /** A handler ran past its `timeout`. */
  HandlerTimeout: 'HANDLER_TIMEOUT',
  /** A handler said that no retry can help. */
  Permanent: 'PERMANENT',
  /** Every attempt was used up without this process seeing the last one fail (a crash, a kill). */
  AttemptsExhausted: 'ATTEMPTS_EXHAUSTED',
  /** A message was terminated by somebody: no attempt that was left is made. */
  MessageTerminated: 'MESSAGE_TERMINATED',
  /** A partition passed to another replica while an event of it was being handled. */
  PartitionLost: 'PARTITION_LOST',
  /** An earlier event of the key could not be handled, and the key is parked until it is released. */
  KeyParked: 'KEY_PARKED',
  /** A message was settled twice, or after its lease had gone. */
  AlreadySettled: 'ALREADY_SETTLED',
  /** A replica lost its claim on a message of an `idempotent` subscriber: another may be handling it. */
  ClaimLost: 'CLAIM_LOST',
  /** The server did not confirm an acknowledgement. */
  AckUnconfirmed: 'ACK_UNCONFIRMED',
  /** An event is published, or read, that the application has not said it publishes or reads. */
  EventUndeclared: 'EVENT_UNDECLARED',
  /** Some events of a `publishAll` were not stored. */
  PublishIncomplete: 'PUBLISH_INCOMPLETE',
  /** No dead letter has that id. */
  DeadLetterUnknown: 'DEAD_LETTER_UNKNOWN',
  /** A dead letter's body was left in the original's stream, and is gone from there. */
  DeadLetterBodyGone: 'DEAD_LETTER_BODY_GONE',
  /** A value does not satisfy its bucket's class. */
  ValueInvalid: 'VALUE_INVALID',
  /** A stored value cannot be decoded into its bucket's class. */
  ValueUnreadable: 'VALUE_UNREADABLE',
  /** An encoded value is larger than the server accepts. */
  ValueTooLarge: 'VALUE_TOO_LARGE',
  /** A key has another revision than the one expected. */
  RevisionConflict: 'REVISION_CONFLICT',
  /** A write carried a fencing token older than the newest that its key has seen. */
  FencedOut: 'FENCED_OUT',
  /** What is stored is encrypted with a key that the key provider does not have. */
  KeyUnknown: 'KEY_UNKNOWN',
  /** The bucket has no such key. */
  KeyNotFound: 'KEY_NOT_FOUND',
  /** The server did not answer a read in time. */
  StorageUnavailable: 'STORAGE_UNAVAILABLE',
  /** A lock was not free before its `wait` had passed. */
  LockTimeout: 'LOCK_TIMEOUT',
  /** A lease ended before it was released: another may hold the lock. */
  LockLost: 'LOCK_LOST',
  /** A lock is used that was released already. */
  LockNotHeld: 'LOCK_NOT_HELD',
  /** A lock's name cannot be made from a call's arguments. */
  LockNameInvalid: 'LOCK_NAME_INVALID',
  /** The application shuts down and takes no more locks. */
  LocksClosed: 'LOCKS_CLOSED',
  /** A class with `@WithLock` or `@Leader` is request-scoped. */
  LockRequestScoped: 'LOCK_REQUEST_SCOPED',
  /** A command does not satisfy its contract. */
  CommandInvalid: 'COMMAND_INVALID',
  /** A command's or a reply's body cannot be decoded. */
  CommandUnreadable: 'COMMAND_UNREADABLE',
  /** What a handler answered does not satisfy the command's reply class. */
  ReplyInvalid: 'REPLY_INVALID',
  /** An encoded command or reply is larger than the server accepts. */
  CommandTooLarge: 'COMMAND_TOO_LARGE',
  /** A command is sent that the application has not said it sends. */
  CommandUndeclared: 'COMMAND_UNDECLARED',
  /** No process handles the command. */
  CommandNoHandler: 'COMMAND_NO_HANDLER',
  /** The replica that was asked has as much in hand as it may have. */
  CommandOverloaded: 'COMMAND_OVERLOADED',
  /** No answer came in time. */
  CommandTimeout: 'COMMAND_TIMEOUT',
  /** The caller gave up. */
  CommandCancelled: 'COMMAND_CANCELLED',
  /** A handler failed with an error that it did not mean for its callers. */
  CommandFailed: 'COMMAND_FAILED',
  /** A handler answers with a stream, and the caller asked for one reply. */
  CommandStreams: 'COMMAND_STREAMS',
  /** The other end of a streaming reply fell silent. */
  CommandStreamLost: 'COMMAND_STREAM_LOST',
  /** No task has that id: it never was, or its result has expired. */
  TaskUnknown: 'TASK_UNKNOWN',
  /** A schedule can never fire, or not as it says: a wrong expression, zone, date or policy. */
  ScheduleInvalid: 'SCHEDULE_INVALID',
  /** No schedule has that name. */
  ScheduleUnknown: 'SCHEDULE_UNKNOWN',
  /** A schedule has that name already. */
  ScheduleExists: 'SCHEDULE_EXISTS',
  /** A class with `@Cron`, `@Every` or `@Once` is request-scoped. */
  ScheduleRequestScoped: 'SCHEDULE_REQUEST_SCOPED',
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];
