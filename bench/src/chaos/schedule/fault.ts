/** What can go wrong on the side of the applications, whatever the topology. */
export const APP_FAULTS = ['kill-app', 'pause-app', 'shift-clock', 'cut-client', 'delete-consumer'] as const;
/** What can go wrong with servers, whatever the topology. */
export const SERVER_FAULTS = ['kill-server', 'pause-server', 'slow-server', 'fill-stream'] as const;
/** What a cluster does not get over by itself: servers whose store was full lead nothing until they are restarted. */
export const SINGLE_FAULTS = ['fill-store'] as const;
/** What needs more than one server. */
export const CLUSTER_FAULTS = ['step-down', 'cut-nodes'] as const;

export type FaultKind =
  | (typeof APP_FAULTS)[number]
  | (typeof SERVER_FAULTS)[number]
  | (typeof SINGLE_FAULTS)[number]
  | (typeof CLUSTER_FAULTS)[number];

/**
 * How a connection is cut: `sever` resets it and refuses new ones, as a firewall would; `freeze` holds back what is
 * sent and delivers it at the end, as TCP does after a short loss of the network.
 */
export type Cut = 'sever' | 'freeze';

/** One thing that goes wrong, and is mended again. */
export interface Fault {
  readonly kind: FaultKind;
  /** From the beginning of the run. */
  readonly atMs: number;
  /** Until it is mended; 0 for what is over at once. */
  readonly forMs: number;
  /** The process, the server, the group, the stream or the leader that it hits; `all` for the store. */
  readonly target: string;
  readonly cut?: Cut;
  /** Of the wall clock, by which the process's is ahead. */
  readonly shiftMs?: number;
}

/** `12.3 s  cut-client worker-2 (freeze) for 1.8 s`. */
export const describeFault = ({ kind, atMs, forMs, target, cut, shiftMs }: Fault): string => {
  const detail = cut ?? (shiftMs === undefined ? undefined : `${shiftMs > 0 ? '+' : ''}${shiftMs / 1000} s`);
  return [
    `${(atMs / 1000).toFixed(1).padStart(6)} s  ${kind} ${target}`,
    ...(detail === undefined ? [] : [`(${detail})`]),
    ...(forMs === 0 ? [] : [`for ${(forMs / 1000).toFixed(1)} s`]),
  ].join(' ');
};
