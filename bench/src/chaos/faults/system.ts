import { RoleKeeper } from '../processes/role.keeper.js';
import { ClientLinks } from '../network/client.links.js';
import { PlainClient } from '../record/plain.client.js';
import { Topology } from '../topology/topology.js';

/** All that a fault can get hold of. */
export interface System {
  readonly topology: Topology;
  readonly keepers: ReadonlyMap<string, RoleKeeper>;
  /** The ways from each application to the servers. */
  readonly links: ReadonlyMap<string, ClientLinks>;
  readonly client: PlainClient;
}

/** @throws Error where there is no such thing: the schedule was made for another system. */
export const among = <T>(things: ReadonlyMap<string, T>, name: string): T => {
  const thing = things.get(name);
  if (thing === undefined) throw new RangeError(`There is no ${name}`);
  return thing;
};
