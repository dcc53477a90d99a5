export {
  Delivery,
  type DeliveryCircumstances,
  type Lease,
  type Origin,
  type OwnershipFence,
} from './message/delivery.js';
export { parseDeliveryToken, type DeliveryToken } from './message/delivery-token.js';
export { currentMessage, withCurrentMessage } from './message/current-message.js';
export { parentTrace } from './message/parent-trace.js';
export { ACK, type Outcome } from './outcome/outcome.js';
export { isPermanentFailure } from './outcome/permanent-failure.js';
export { constant, exponential, linear, type Backoff, type ExponentialOptions } from './policy/backoff.js';
export {
  resolveConsumerOptions,
  type ConsumerDefaults,
  type ConsumerOptions,
  type ResolvedConsumerOptions,
} from './policy/consumer.options.js';
export { circuitPolicy, type CircuitBreakerOptions, type CircuitPolicy } from './policy/circuit.policy.js';
export { ratePolicy, type RateLimitOptions, type RatePolicy } from './policy/rate.policy.js';
export { type ErrorClass, type FailureMatch, type FailureMatches } from './policy/failure.match.js';
export {
  retryPolicy,
  type RetryOptions,
  type RetryOverride,
  type RetryPolicy,
  type RetryRule,
} from './policy/retry.policy.js';
export { compose, type Handler, type Middleware } from './middleware/middleware.js';
export { outcomeOfFailure, retry } from './middleware/retry.middleware.js';
export { timeout } from './middleware/timeout.middleware.js';
export { Batch, type BatchHandler } from './batch/batch.js';
export { BatchItem } from './batch/batch.item.js';
export { Batcher, type BatcherOptions } from './batch/batcher.js';
export { once, type OnceOptions } from './middleware/once.middleware.js';
export { logging } from './middleware/logging.middleware.js';
export { circuit } from './middleware/circuit.middleware.js';
export { CircuitBreaker, type CircuitState } from './gates/circuit.breaker.js';
export { RateLimiter } from './gates/rate.limiter.js';
export { gatesInRow, type Gate } from './gates/gate.js';
export { Groups, type GroupConsumer, type GroupFilter } from './group/groups.js';
export { GroupControl, type GroupControlParts, type LoopControl } from './group/group.control.js';
export { ConsumerLoop, type ConsumerLoopOptions } from './consuming/consumer.loop.js';
export { InHand, type CreateMessage } from './consuming/in-hand.js';
export { type ReleasedKey, type ReleaseResult } from './ordered/key.releaser.js';
export { RELEASE } from './ordered/parking.middleware.js';
export { HandlerSlots } from './ordered/handler.slots.js';
export { OrderedGroup, type OrderedGroupOptions } from './ordered/ordered.group.js';
export { receiveOne, type ReceiveOptions } from './consuming/receive-one.js';
export { acknowledge, acknowledgeConfirmed, handBack, reportProgress } from './consuming/settlement.js';
export {
  appOf,
  groupOf,
  type ConsumerDeclaration,
  type StartFrom,
} from './provisioning/consumer.declaration.js';
export { ManagedConsumer, type ManagedConsumerOptions } from './provisioning/managed-consumer.js';
export { HandBacks } from './hand-backs/hand-backs.js';
export { GROUPS, groupStream } from './group/group.stream.js';
export { StateStore, type StateStoreOptions, type StateWrite } from './state/state.store.js';
export { InboxStore } from './inbox/inbox.store.js';
export { INBOX, inboxStream, type InboxSettings } from './inbox/inbox.stream.js';
export { MessageInbox } from './inbox/message.inbox.js';
export {
  DeadHeader,
  REPLAY_EDITED,
  REPLAY_GROUP,
  REPLAY_OF,
  REPLAYS,
} from './dead-letters/dead-letter.headers.js';
export { type DeadLetter } from './dead-letters/dead-letter.js';
export {
  DEAD_LETTERS,
  DEAD_ROOT,
  deadLetterStream,
  type DeadLetterSettings,
} from './dead-letters/dead-letter.stream.js';
export { DeadLetterWriter, type DeadLetterHook } from './dead-letters/dead-letter.writer.js';
export { type DeadMessage } from './dead-letters/dead-message.js';
export { AdvisoryReconciler, type ReconcilerOptions } from './dead-letters/advisory.reconciler.js';
export { ADVISORIES, advisoryStream } from './dead-letters/advisory.stream.js';
export { deadSubject, parseDeadSubject, type DeadSubject } from './dead-letters/dead-letter.subject.js';
export { type DeadLetterFilter } from './dead-letters/dead-letter.filter.js';
export { type WatchOptions } from './dead-letters/dead-letter.watch.js';
export { DeadLetters, type ReplayOptions } from './dead-letters/dead-letters.js';
export { replayEach, type Replayed, type ReplayRunOptions } from './dead-letters/replay-run.js';
export { isPartitionedStream, partitionedStreamName, storedOrigin } from './ordered/partitioned.stream.js';
export {
  advisoryRights,
  broadcastRights,
  consumerRights,
  deadLetterRights,
  handBackRights,
  inboxRights,
  rateRights,
  type ConsumedPlace,
} from './rights/group.rights.js';
export { orderedRights, type OrderedRightsOptions } from './rights/ordered.rights.js';
