import { parseArgs } from 'node:util';
import { parseDuration } from './duration.parser.js';

export interface DemoOptions {
  /** How long to run once everything is ready; `undefined`: until stopped. */
  readonly forMs: number | undefined;
  readonly reportFile: string | undefined;
  readonly infoFile: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly traffic: boolean;
  /** The apps listen on this port and the next ones; `undefined`: on free ones. */
  readonly portBase: number | undefined;
  readonly tickInterval: string;
  /** Order lines to feed. */
  readonly ordersFile: string | undefined;
  /** Where the lines go that are left out. */
  readonly rejectsFile: string | undefined;
  /** Where a server of our own keeps its data; `undefined`: nowhere. */
  readonly store: string | undefined;
}

export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problem: string };

export const USAGE = `Usage: npm start -- [options]

Starts a nats-server and the apps user, order and scheduler, sends them a little traffic, and shows the events
as they flow. It ends with code 0 only if every published event was handled by every group it should reach.

  --for <time>        run that long, then stop: 500ms, 20s, 5m, 1h (default: until Ctrl-C, or until the file is fed)
  --orders <file>     feed this file of order lines instead of sending traffic, and end when it is done; columns:
                      InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
                      After an end of any kind the same command goes on where it was
  --rejects <file>    write the lines of that file that are left out, with line number and reason, as JSON lines
  --store <folder>    keep the data of NATS there for the next run (default with --orders: <file>.store)
  --json <file>       write a report at the end
  --info <file>       while it runs, the URLs of NATS and of the apps, and the ids of the processes
  --port-base <port>  user, order and scheduler listen on this port and the next two (default: free ones)
  --no-traffic        send no requests
  --quiet             print the summary and errors, nothing else
  --verbose           show what the apps log
  --help              print this

Environment:
  NATS_URL            use this server instead of starting one; NATS_USER, NATS_PASSWORD, NATS_CREDS and NATS_CA
                      say how to connect
  TICK_INTERVAL       how often the timer ticks (default: 1s)
  NATS_SERVER_BIN     the nats-server to start (default: one is found, or downloaded once)
`;

const FLAGS = {
  for: { type: 'string' },
  json: { type: 'string' },
  info: { type: 'string' },
  orders: { type: 'string' },
  rejects: { type: 'string' },
  store: { type: 'string' },
  'port-base': { type: 'string' },
  'no-traffic': { type: 'boolean' },
  quiet: { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const APPS = 3;
const LAST_PORT = 65_535;

class Problem extends Error {}

/** What the command line asks for. */
export const parseOptions = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedOptions => {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS });
    if (values.help) return { kind: 'help' };
    if (values.quiet && values.verbose) throw new Problem('--quiet and --verbose contradict each other');
    const ordersFile = fileName('--orders', values.orders);
    if (values.rejects !== undefined && ordersFile === undefined)
      throw new Problem('--rejects needs --orders');
    const options: DemoOptions = {
      forMs: values.for === undefined ? undefined : duration('--for', values.for),
      reportFile: fileName('--json', values.json),
      infoFile: fileName('--info', values.info),
      quiet: values.quiet ?? false,
      verbose: values.verbose ?? false,
      traffic: !values['no-traffic'],
      portBase: values['port-base'] === undefined ? undefined : port(values['port-base']),
      tickInterval: env['TICK_INTERVAL'] || '1s',
      ordersFile,
      rejectsFile: fileName('--rejects', values.rejects),
      store: fileName('--store', values.store) ?? (ordersFile && `${ordersFile}.store`),
    };
    return { kind: 'run', options };
  } catch (error) {
    return { kind: 'invalid', problem: error instanceof Error ? error.message : String(error) };
  }
};

const duration = (flag: string, text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Problem(`${flag} '${text}' is not a time such as 500ms, 20s, 5m or 1h`);
  return ms;
};

const fileName = (flag: string, name: string | undefined): string | undefined => {
  if (name === '') throw new Problem(`${flag} needs the name of a file`);
  return name;
};

const port = (text: string): number => {
  const first = Number(text);
  const highest = LAST_PORT - APPS + 1;
  if (/^\d+$/.test(text) && first >= 1 && first <= highest) return first;
  throw new Problem(`--port-base '${text}' is not a port from 1 to ${highest}`);
};
