// One contender of `locks`, in a process of its own.
import { host, openNamed } from '../process/contender.host.js';

await host(
  openNamed({
    raw: async (url) => (await import('./raw.locks.js')).rawLocks(url),
    millrace: async (url) => (await import('./millrace.locks.js')).uncontended(url),
    'hand-overs': async (url) => (await import('./millrace.locks.js')).handOvers(url),
  }),
);
