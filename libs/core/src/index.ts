export { ErrorCode } from './errors/error-codes.js';
export {
  configInvalid,
  ContractViolationError,
  MillraceError,
  PermanentError,
  PublishError,
  type MillraceErrorOptions,
  type Violation,
  type ViolationCode,
} from './errors/millrace.error.js';
export { assertNever, errorMessage, toError } from './errors/error-text.js';
export { toMillis, toNanos, toServerSeconds, type Duration, type DurationUnit } from './duration/duration.js';
export { delay, settlesWithin, systemClock, type Clock, type TimerHandle } from './clock/clock.js';
export { silentLog, type Log } from './logging/log.js';
export { type Codec } from './codec/codec.js';
export { jsonCodec } from './codec/json.codec.js';
export { Encrypted, encryptedPropertiesOf } from './encryption/encrypted.decorator.js';
export {
  environmentKeys,
  fileKeys,
  staticKeys,
  type EncryptionKey,
  type KeyProvider,
} from './encryption/key.provider.js';
export { type Envelope } from './encryption/field.cipher.js';
export {
  assertProtectable,
  isSealedWithCurrentKey,
  openFields,
  sealFields,
  type ProtectedPlace,
  type ProtectedValue,
} from './encryption/field.protection.js';
export { rightsOfApplication, type ApplicationRights } from './rights/application.rights.js';
export { exploreOn } from './connection/exploration.js';
export { Declarations } from './rights/declarations.js';
export { subjectsOf, type ExplainedSubject, type Right, type Rights } from './rights/right.js';
export { RightsRegistry, type RightsSource } from './rights/rights.registry.js';
export {
  mayConsume,
  mayDeleteMessages,
  mayFollow,
  mayFollowAll,
  mayInspect,
  mayListConsumers,
  mayPause,
  mayPublish,
  mayPurge,
  mayRead,
  mayReadBatches,
  mayReadDirectly,
  maySubscribe,
} from './rights/stream.rights.js';
export { decodeKey, encodeKey, isHashedToken, tokenMatchesKey } from './subjects/key-token.js';
export { isUnicodeText } from './subjects/unicode-text.js';
export {
  assertGroup,
  eventStreamName,
  eventStreamSubject,
  eventSubject,
  EVENTS_ROOT,
  NO_KEY,
  parseEventName,
  parseEventSubject,
  type EventName,
  type ParsedEventSubject,
} from './subjects/event-subject.js';
export {
  matchesPattern,
  parseEventPattern,
  patternFilter,
  patternText,
  withoutOverlap,
  type EventPattern,
} from './subjects/event-pattern.js';
export { HeaderName, isReservedHeader, isServerHeader } from './headers/header-names.js';
export {
  assertUserHeaders,
  decodeAttribute,
  encodeAttribute,
  readHeaders,
  type HeaderMap,
} from './headers/header-value.js';
export { encodeHeaderLines, headerLine } from './headers/header-lines.js';
export { plainHeader, plainHeadersOf, readMessageHeaders } from './headers/raw-headers.js';
export {
  parseEventVersion,
  readEventAttributes,
  writeEventHeaders,
  type EventAttributes,
  type OutgoingAttributes,
  type StoredAt,
} from './headers/cloud-event.js';
export { currentTrace, withTrace, type TraceSource } from './headers/current-trace.js';
export { childTrace, traceIdOf } from './headers/trace-context.js';
export {
  Event,
  eventContractOf,
  eventKeyOf,
  findEventContract,
  type ClassOf,
  type EventContract,
  type EventOptions,
} from './contracts/event.decorator.js';
export { ContractRegistry } from './contracts/contract.registry.js';
export { isProtected, toValidInstance, type ValidationSubject } from './contracts/contract.validator.js';
export {
  encodeEvent,
  encodeEventText,
  openEvent,
  validateEvent,
  type EncodedEvent,
  type EventText,
  type EncodeOptions,
  type EventEncoderPorts,
  type ReceivedData,
} from './contracts/event.encoder.js';
export {
  eventStreamDeclaration,
  explicitStreamConfig,
  replicated,
  settingsFor,
  sourcedEventStream,
  withDefaultReplicas,
  type ContextSettings,
  type EventSource,
} from './provisioning/event-stream.js';
export { InFlightWindow } from './publishing/in-flight-window.js';
export { JetStreamPublisher } from './publishing/jetstream.publisher.js';
export {
  type EncodedRequest,
  type PublishOutcome,
  type PublishRequest,
  type StoredAck,
} from './publishing/publish.request.js';
export { StreamProvisioner, type StreamDeclaration } from './provisioning/stream.provisioner.js';
export { ApiErrorCode, isApiError } from './provisioning/api-error.js';
export { describeDifferences, diffConfig, type ConfigDifference } from './provisioning/config.diff.js';
export {
  provisionConflict,
  provisionFailed,
  provisionMissing,
  type ProvisionMode,
} from './provisioning/provision.errors.js';
export { type ConnectionHealth, HealthMonitor } from './connection/connection.health.js';
export { DEFAULT_CONNECTION, getConnectionToken, InjectConnection } from './connection/connection.token.js';
export { MillraceConnection, openConnection } from './connection/nats.connection.js';
export { type NatsModuleOptions, type NatsTlsOptions } from './connection/nats-options.js';
export { type NatsModuleExtras } from './connection/nats.module-definition.js';
export { NatsModule } from './connection/nats.module.js';
export { discoverProviders, methodsOf, type DiscoveredProvider } from './discovery/discovered.providers.js';
export { isPending, whenReady } from './async/when-ready.js';
export { handlerParams, type HandlerParams } from './discovery/handler-params.js';
export { nestHandler, type HandlerHost, type HandlingMethod } from './discovery/nest.handler.js';
export { HealthRegistry, type PartHealth } from './health/health.registry.js';
export { LifecycleCoordinator } from './lifecycle/lifecycle.coordinator.js';
export { LifecycleModule } from './lifecycle/lifecycle.module.js';
export { LifecyclePhase, type LifecycleParticipant } from './lifecycle/lifecycle.phase.js';
