import { resolveNatsServer } from '../binary/binary.resolver.js';
import { NatsServerError, NatsServerErrorCode, invalidOption } from '../nats-server.error.js';
import { startManaged } from './managed.server.js';
import type { NatsServer } from './nats-server.js';
import { type NatsServerOptions, checkedPort, serverSettings } from './server.options.js';
import { placeServer } from './server.placement.js';
import { pickPorts } from './server.ports.js';

/** How often ports are picked anew when somebody else holds one of those picked. */
export const MAX_PICKS = 10;

/**
 * Finds or obtains a nats-server and starts it; resolves when it is ready for clients.
 *
 * @throws NatsServerError with the codes of {@link resolveNatsServer}, or NATS_SERVER_OPTION_INVALID,
 *   NATS_SERVER_START_FAILED, NATS_SERVER_NOT_READY, NATS_SERVER_PORT_IN_USE
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const port = checkedPort('port', options.port);
  const monitoringPort = checkedPort('monitoringPort', options.monitoringPort);
  if (options.logFile !== undefined && options.onLog !== undefined) {
    throw invalidOption('`logFile` and `onLog` exclude each other');
  }
  assertNoneGenerated(options);
  const settings = serverSettings(options, await resolveNatsServer(options));
  const fixed = [port, monitoringPort].filter((candidate) => candidate !== 0);
  return retryPicked(fixed, async () => {
    const [clientPick = 0, monitoringPick = 0] = pickPorts(2, fixed);
    const clientPort = port || clientPick;
    const placement = await placeServer({
      name: options.name ?? `millrace-${clientPort}`,
      port: clientPort,
      monitoringPort: settings.monitoring ? monitoringPort || monitoringPick : undefined,
      jetstream: settings.jetstream && settings.configFile === undefined,
      storeDir: options.storeDir,
      logFile: options.logFile,
      logsToListener: settings.onLog !== undefined,
    });
    return startManaged(settings, placement);
  });
}

const OF_THE_GENERATED_FILE = [
  'config',
  'host',
  'port',
  'monitoringPort',
  'storeDir',
  'debug',
  'trace',
] as const;

function assertNoneGenerated(options: NatsServerOptions): void {
  const { configFile, configEnv } = options;
  if (configFile === undefined) {
    if (configEnv !== undefined) throw invalidOption('`configEnv` is for a `configFile`');
    return;
  }
  const given = OF_THE_GENERATED_FILE.filter((name) => options[name] !== undefined);
  if (given.length > 0)
    throw invalidOption(`\`configFile\` says itself what \`${given.join('`, `')}\` would`);
}

/** Repeats `start`, which picks its ports, while a port that was picked and not `fixed` turns out to be taken. */
export async function retryPicked<T>(fixed: readonly number[], start: () => Promise<T>): Promise<T> {
  for (let pick = 1; ; pick++) {
    try {
      return await start();
    } catch (error) {
      if (pick >= MAX_PICKS || !isTaken(error) || error.port === undefined || fixed.includes(error.port))
        throw error;
    }
  }
}

function isTaken(error: unknown): error is NatsServerError {
  return error instanceof NatsServerError && error.code === NatsServerErrorCode.PortInUse;
}
