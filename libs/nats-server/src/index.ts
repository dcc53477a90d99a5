export { resolveNatsServer, type ResolveOptions } from './binary/binary.resolver.js';
export type { NatsServerBinary } from './binary/binary.finder.js';
export {
  createProgressPrinter,
  type ObtainProgress,
  type ProgressListener,
  type ProgressStream,
} from './binary/obtain.progress.js';
export { startNatsServer } from './server/server.starter.js';
export { startNatsCluster } from './cluster/cluster.starter.js';
export type { ClusterRoute, NatsCluster, NatsClusterOptions, ReadyOptions } from './cluster/nats-cluster.js';
export type { NatsServer, RestartOptions, ServerExit } from './server/nats-server.js';
export type { NatsServerOptions, SharedServerOptions } from './server/server.options.js';
export type { ConfigValue } from './server/server-config.renderer.js';
export type { SupervisorKind } from './process/supervised.process.js';
export { NatsServerError, NatsServerErrorCode, type TriedWay } from './nats-server.error.js';
