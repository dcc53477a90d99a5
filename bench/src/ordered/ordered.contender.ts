// One contender of `ordered`, in a process of its own: the raw client, or Millrace in one of its kinds.
import { host } from '../process/contender.host.js';
import { backlog } from './backlog.js';

await host(async (url, kind = '') => {
  if (kind === 'raw') return backlog(await (await import('./raw.backlog.js')).rawBacklog(url));
  const { KINDS, millraceBacklog } = await import('./millrace.backlog.js');
  const named = KINDS.find(({ name }) => name === kind);
  if (named === undefined) throw new TypeError(`There is no contender '${kind}'`);
  return backlog(await millraceBacklog(url, named));
});
