import { setTimeout as delay } from 'node:timers/promises';
import { AppProcess, describeExit } from './app.process.js';

const POLL_MS = 50;
const REQUEST_MS = 2000;

/** Resolves when the app answers that it is ready. @throws Error with the last lines of its log. */
export const waitUntilReady = async (
  app: AppProcess,
  boundMs: number,
  aborted: AbortSignal,
): Promise<void> => {
  const deadline = performance.now() + boundMs;
  while (!(await answersReady(app.url))) {
    aborted.throwIfAborted();
    if (!app.running) throw new Error(failure(app, describeExit(await app.exited)));
    if (performance.now() > deadline)
      throw new Error(failure(app, `was not ready within ${boundMs / 1000} s`));
    await delay(POLL_MS);
  }
};

/** What happened to an app, with the end of its log. */
export const failure = ({ name, lastLines }: AppProcess, what: string): string =>
  [`The app '${name}' ${what}. The end of its log:`, ...lastLines.map((line) => `  ${line}`)].join('\n');

const answersReady = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(REQUEST_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};
