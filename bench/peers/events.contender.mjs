// One of the other packages as a contender of `events`, in a process of its own: nothing here may import what
// belongs to another Nest, so of ../dist only what imports no packages.
import { openWith } from '../dist/events/contenders.js';
import { host } from '../dist/process/contender.host.js';

const PIPES = {
  'nestjs-jetstream': async () => (await import('./nestjs-jetstream.pipe.mjs')).nestjsJetstream,
  'nestjs-nats-jetstream-transport': async () =>
    (await import('./nestjs-nats-jetstream-transport.pipe.mjs')).nestjsNatsJetstreamTransport,
};

await host(async (url, contender = '{}') => {
  const { pipe, ...work } = JSON.parse(contender);
  return openWith(url, await PIPES[pipe](), work);
});
