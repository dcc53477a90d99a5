/** A server's view of the JetStream meta group, from the monitoring end point `/jsz`. */
export interface MetaGroup {
  /** Name of the leading server. */
  readonly leader: string;
  readonly size: number;
  /** Known to the leader only. */
  readonly replicas: readonly MetaReplica[];
}

export interface MetaReplica {
  readonly name: string;
  readonly current: boolean;
}

/** Parses the body of `/jsz`; undefined while there is no leader. */
export function parseMetaGroup(body: unknown): MetaGroup | undefined {
  const group = isRecord(body) ? body['meta_cluster'] : undefined;
  if (!isRecord(group)) return undefined;
  const { leader, cluster_size: size, replicas } = group;
  if (typeof leader !== 'string' || leader === '' || typeof size !== 'number') return undefined;
  return { leader, size, replicas: Array.isArray(replicas) ? replicas.flatMap(parseReplica) : [] };
}

/**
 * What a cluster still waits for, given each running server's view; undefined when nothing.
 */
export function unreadyReason(
  size: number,
  views: ReadonlyMap<string, MetaGroup | undefined>,
): string | undefined {
  // A leader that has lost its followers goes on calling itself leader, and them current, for seconds.
  if (views.size * 2 <= size) return `a majority of ${size} servers to run, ${views.size} do`;
  const leaders = new Set<string>();
  for (const [name, view] of views) {
    if (!view) return `${name} to know a meta leader`;
    if (view.size !== size) return `${name} to see ${size} servers, it sees ${view.size}`;
    leaders.add(view.leader);
  }
  const [leader] = leaders;
  if (leader === undefined || leaders.size > 1) return 'the servers to agree on a meta leader';
  const replicas = views.get(leader)?.replicas;
  if (!replicas) return `the meta leader ${leader} to run`;
  const behind = [...views.keys()].filter(
    (name) => name !== leader && !replicas.some((replica) => replica.name === name && replica.current),
  );
  return behind.length > 0 ? `${behind.join(', ')} to be current` : undefined;
}

function parseReplica(value: unknown): MetaReplica[] {
  if (!isRecord(value) || typeof value['name'] !== 'string') return [];
  return [{ name: value['name'], current: value['current'] === true && value['offline'] !== true }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
