// One contender of `commands`, in a process of its own.
import { host, openNamed } from '../process/contender.host.js';
import { withResponder } from './asking.js';

const CONTENDERS = {
  'raw requests': async (url: string) =>
    withResponder(url, await (await import('./raw.asking.js')).rawAsking(url)),
  'nest requests': async (url: string) =>
    withResponder(url, await (await import('./nest.asking.js')).nestAsking(url)),
  'millrace requests': async (url: string) =>
    withResponder(url, await (await import('./millrace.asking.js')).millraceAsking(url)),
  'hand-written tasks': async (url: string) => (await import('./hand.written.js')).handWritten(url),
  'millrace tasks': async (url: string) => (await import('./dispatched.js')).dispatched(url),
};

await host(openNamed(CONTENDERS));
