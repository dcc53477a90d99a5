export { MILLRACE, MillraceStrategy } from './millrace.strategy.js';
export { MillraceClient } from './millrace.client.js';
export { MillraceContext, type Received } from './millrace.context.js';
export { PermanentRpcException } from './permanent-rpc.exception.js';
export { MillraceRecord, MillraceRecordBuilder, type RecordOptions } from './transport.record.js';
export {
  type ClientOptions,
  type EventExtras,
  type MessageExtras,
  type StrategyOptions,
  type TransportOptions,
} from './transport.options.js';
export { eventOf, PATTERNS_CONTEXT, routeOf } from './patterns/pattern.route.js';
