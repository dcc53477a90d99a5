import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Contender, inParallel } from '../contender.js';
import { Answered } from './doubling.js';

const CALLERS = 64;
/** Few enough for no request to wait in line for another. */
const CALM_CALLERS = 4;

/** One way to ask and be answered. */
export interface Asking {
  readonly name: string;
  /** Who answers, of those in `commands.responder.ts`. */
  readonly responder: 'raw' | 'nest' | 'millrace';
  ask(n: number): Promise<Answered>;
  close(): Promise<unknown>;
}

const checked = async (asking: Asking, n: number): Promise<void> => {
  const { doubled } = await asking.ask(n);
  if (doubled !== n * 2) throw new Error(`${n} was doubled to ${doubled}`);
};

export const withResponder = async (url: string, asking: Asking): Promise<Contender> => {
  const path = fileURLToPath(new URL('./commands.responder.js', import.meta.url));
  const responder = fork(path, [asking.responder, url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(responder, 'message');
  return {
    name: asking.name,
    run: (count) => inParallel(CALLERS, count, (n) => checked(asking, n)),
    sample: async (count) => {
      const samples: number[] = [];
      await inParallel(CALM_CALLERS, count, async (n) => {
        const start = performance.now();
        await checked(asking, n);
        samples.push(performance.now() - start);
      });
      return samples;
    },
    close: async () => {
      await asking.close();
      responder.disconnect();
    },
  };
};
