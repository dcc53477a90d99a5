import { Contender } from '../contender.js';
import { handleOnly, latency, publishAndHandle, publishOnly } from './cases.js';
import { OpenPipe, Pipe } from './pipe.js';
import { LARGE, SMALL, UNCHECKED } from './workload.js';

/** What stands in a pipe's place until it is wanted: one process uses one of them. */
const PIPES = {
  limit: async () => (await import('./limit.pipe.js')).limit,
  'limit with an id': async () => (await import('./limit.pipe.js')).limitWithId,
  'limit with headers': async () => (await import('./limit.pipe.js')).limitWithHeaders,
  plain: async () => (await import('./plain.pipe.js')).plain,
  millrace: async () => (await import('./millrace.pipe.js')).millrace,
  'millrace unchecked': async () => (await import('./millrace.pipe.js')).unchecked,
  nest: async () => (await import('./nest.pipe.js')).nest,
  bullmq: async () => (await import('./bullmq.pipe.js')).bullmq,
} as const satisfies Readonly<Record<string, () => Promise<OpenPipe>>>;

const WORKLOADS = { small: SMALL, large: LARGE, unchecked: UNCHECKED } as const;

const KINDS = {
  'publish and handle': publishAndHandle,
  'publish only': publishOnly,
  'handle only': handleOnly,
  latency,
} as const;

export type PipeName = keyof typeof PIPES;
export type WorkloadName = keyof typeof WORKLOADS;

/** What is done with a pipe, and with which events. */
export interface EventsWork {
  readonly kind: keyof typeof KINDS;
  readonly workload: WorkloadName;
}

/** What a process is to be: each part by its name. */
export interface EventsContender extends EventsWork {
  readonly pipe: PipeName;
}

export const openPipe = async (url: string, pipe: PipeName, workload: WorkloadName): Promise<Pipe> =>
  (await PIPES[pipe]())(url, WORKLOADS[workload]);

export const openWith = (url: string, open: OpenPipe, { kind, workload }: EventsWork): Promise<Contender> =>
  KINDS[kind](open, WORKLOADS[workload])(url);

export const openContender = async (url: string, contender: EventsContender): Promise<Contender> =>
  openWith(url, await PIPES[contender.pipe](), contender);
