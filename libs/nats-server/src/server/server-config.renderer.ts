import { invalidOption } from '../nats-server.error.js';

/** A value of nats-server's configuration language. */
export type ConfigValue =
  string | number | boolean | readonly ConfigValue[] | { readonly [key: string]: ConfigValue };

export interface ServerConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly monitoringPort: number | undefined;
  /** Undefined leaves JetStream off. */
  readonly storeDir: string | undefined;
  /** Undefined logs to standard error. */
  readonly logFile: string | undefined;
  readonly portsFileDir: string;
  readonly debug: boolean;
  readonly trace: boolean;
  readonly cluster: ClusterConfig | undefined;
  readonly extra: string | Readonly<Record<string, ConfigValue>>;
}

export interface ClusterConfig {
  readonly name: string;
  readonly port: number;
  readonly routes: readonly string[];
  /** Others are to know no way to this server but the one they are configured with. */
  readonly hidden: boolean;
}

/** Where nobody listens. Servers tell each other of others, and cannot be kept from it but by an address of no use. */
const NOWHERE = '127.0.0.1:1';
const LOG_SIZE_LIMIT_BYTES = 50_000_000;

/** The text of a nats-server configuration file; what the user gave comes last and so wins. */
export function renderServerConfig(config: ServerConfig): string {
  const { extra } = config;
  const generated = generatedFields(config);
  if (typeof extra === 'string') return `${renderFields(generated)}${extra}\n`;
  const { jetstream, ...rest } = extra;
  const merged =
    jetstream === undefined
      ? generated
      : { ...generated, jetstream: mergeBlocks(generated['jetstream'], jetstream) };
  return renderFields({ ...merged, ...rest });
}

function generatedFields(config: ServerConfig): Record<string, ConfigValue> {
  const { host, storeDir, logFile, monitoringPort, cluster } = config;
  return {
    server_name: config.name,
    listen: address(host, config.port),
    ports_file_dir: config.portsFileDir,
    ...(monitoringPort === undefined ? {} : { http: address(host, monitoringPort) }),
    ...(storeDir === undefined ? {} : { jetstream: { store_dir: storeDir } }),
    ...(logFile === undefined
      ? {}
      : { log_file: logFile, logfile_size_limit: LOG_SIZE_LIMIT_BYTES, logfile_max_num: 2 }),
    ...(config.debug || config.trace ? { debug: true } : {}),
    ...(config.trace ? { trace: true } : {}),
    ...(cluster === undefined ? {} : { cluster: clusterBlock(cluster, host) }),
  };
}

function clusterBlock({ name, port, routes, hidden }: ClusterConfig, host: string): ConfigValue {
  return {
    name,
    listen: address(host, port),
    routes,
    ...(hidden ? { no_advertise: true, advertise: NOWHERE } : {}),
  };
}

function mergeBlocks(generated: ConfigValue | undefined, given: ConfigValue): ConfigValue {
  return isBlock(generated) && isBlock(given) ? { ...generated, ...given } : given;
}

function isBlock(value: ConfigValue | undefined): value is { readonly [key: string]: ConfigValue } {
  return typeof value === 'object' && !Array.isArray(value);
}

function renderFields(fields: Readonly<Record<string, ConfigValue>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${renderString(key)}: ${renderValue(value)}\n`)
    .join('');
}

function renderValue(value: ConfigValue): string {
  if (typeof value === 'string') return renderString(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalidOption(`config holds the number ${value}`);
  if (typeof value !== 'object') return String(value);
  if (isBlock(value)) {
    const fields = Object.entries(value).map(([key, item]) => `${renderString(key)}: ${renderValue(item)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return `[${value.map(renderValue).join(', ')}]`;
}

// The server's lexer knows these escapes and no others.
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function renderString(text: string): string {
  const escaped = text.replaceAll(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  return `"${escaped}"`;
}

function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
