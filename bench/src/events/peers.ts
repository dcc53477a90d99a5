import { existsSync } from 'node:fs';

/** Pipes of other packages, with dependencies of their own: `bench/peers` has them. */
export type PeerName = 'nestjs-jetstream' | 'nestjs-nats-jetstream-transport';

export const PEERS: readonly PeerName[] = ['nestjs-jetstream', 'nestjs-nats-jetstream-transport'];

const FOLDER = new URL('../../peers/', import.meta.url);

export const PEER_PROGRAM = new URL('events.contender.mjs', FOLDER);

export const NO_PEERS = `  ${PEERS.join(' and ')} are left out: npm ci --prefix bench/peers installs them`;

/** Whether npm has installed them, to the end: without, Node would find the packages of the root in their place. */
export const hasPeers = (folder = FOLDER): boolean =>
  existsSync(new URL('node_modules/.package-lock.json', folder));
