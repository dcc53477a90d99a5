// One contender of one case of `storage`, in a process of its own.
import { host } from '../process/contender.host.js';
import { CaseName } from './pieces.js';

await host(async (url, who = '', of = '') => {
  const name = of as CaseName;
  if (who === 'raw') return (await import('./raw.store.js')).openRaw(url, name);
  const { openMillrace, openReplica } = await import('./millrace.store.js');
  return name === 'replica' ? openReplica(url) : openMillrace(url, name);
});
