import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a program tells that is run in a process of its own: `startup/import` is that of `startup/import.probe.ts`. */
export const probe = async <T>(program: string, ...args: readonly string[]): Promise<T> => {
  const child = fork(fileURLToPath(new URL(`../${program}.probe.js`, import.meta.url)), args);
  const exited = once(child, 'exit');
  const told = once(child, 'message').then(([message]) => message as T);
  const answer = await Promise.race([told, exited.then(() => undefined)]);
  const [code] = (await exited) as [number | null];
  if (answer === undefined || code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return answer;
};
