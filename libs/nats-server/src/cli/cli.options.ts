import { parseArgs } from 'node:util';
import { reasonOf } from '../nats-server.error.js';

export const USAGE = `Usage: millrace-nats [options]

Finds or downloads a nats-server (2.14 or newer), runs it until Ctrl-C, and takes it along when it ends.

  --port <n>          client port, 0 for a free one (default 4222)
  --monitor-port <n>  HTTP monitoring port, 0 for a free one (default 0)
  --host <address>    address to listen on (default 127.0.0.1)
  --store <dir>       where JetStream keeps its data (default: temporary)
  --cluster <n>       run n servers as one cluster, on consecutive ports
  --name <name>       name of the server or the cluster
  --config <file>     more nats-server configuration, appended to the generated one
  --binary <path>     use this nats-server
  --log               show the server's log on standard error
  --debug             log at debug level (implies --log)
  --print-path        print the path of the nats-server and exit
  --version           print the versions and exit
  --help              print this and exit

Environment: NATS_SERVER_BIN, MILLRACE_CACHE_DIR, MILLRACE_NATS_RELEASE_URL
`;

export interface RunOptions {
  readonly port: number;
  readonly monitoringPort: number;
  readonly host: string | undefined;
  readonly storeDir: string | undefined;
  readonly clusterSize: number | undefined;
  readonly name: string | undefined;
  readonly configFile: string | undefined;
  readonly binary: string | undefined;
  readonly log: boolean;
  readonly debug: boolean;
}

export type CliCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'version'; readonly binary: string | undefined }
  | { readonly kind: 'print-path'; readonly binary: string | undefined }
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'usage-error'; readonly problem: string };

const FLAGS = {
  port: { type: 'string' },
  'monitor-port': { type: 'string' },
  host: { type: 'string' },
  store: { type: 'string' },
  cluster: { type: 'string' },
  name: { type: 'string' },
  config: { type: 'string' },
  binary: { type: 'string' },
  log: { type: 'boolean' },
  debug: { type: 'boolean' },
  'print-path': { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

const DEFAULT_PORT = 4222;

/** Parses the arguments after the program's name. */
export function parseCommand(args: readonly string[]): CliCommand {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false });
    const { binary } = values;
    if (values.help) return { kind: 'help' };
    if (values.version) return { kind: 'version', binary };
    if (values['print-path']) return { kind: 'print-path', binary };
    const options: RunOptions = {
      port: wholeNumber('--port', values.port, { from: 0, to: 65_535 }) ?? DEFAULT_PORT,
      monitoringPort: wholeNumber('--monitor-port', values['monitor-port'], { from: 0, to: 65_535 }) ?? 0,
      clusterSize: wholeNumber('--cluster', values.cluster, { from: 1, to: 99 }),
      host: values.host,
      storeDir: values.store,
      name: values.name,
      configFile: values.config,
      binary,
      log: values.log === true || values.debug === true,
      debug: values.debug === true,
    };
    return { kind: 'run', options };
  } catch (error) {
    return { kind: 'usage-error', problem: reasonOf(error) };
  }
}

function wholeNumber(
  flag: string,
  text: string | undefined,
  { from, to }: { from: number; to: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new RangeError(`${flag} must be a whole number from ${from} to ${to}, not '${text}'`);
}
