import { ExitCode } from './exit-code.js';

/** Ctrl-C, and what it ends. */
export interface Interruption {
  /** Aborts at the first SIGINT or SIGTERM, so that what is under way can end well. A second one exits. */
  readonly signal: AbortSignal;
  /** Runs what has Ctrl-C for itself meanwhile: another program in the same terminal. */
  readonly undisturbed: <T>(task: () => Promise<T>) => Promise<T>;
}

/** The interruption of this process. */
export const interruptionOf = (process: NodeJS.Process): Interruption => {
  const controller = new AbortController();
  const { signal } = controller;
  let undisturbed = 0;
  process.on('SIGINT', () => {
    if (undisturbed === 0) interrupt();
  });
  process.on('SIGTERM', () => interrupt());
  const interrupt = (): void => {
    if (signal.aborted) process.exit(ExitCode.Interrupted);
    controller.abort();
  };
  return {
    signal,
    undisturbed: async (task) => {
      undisturbed++;
      try {
        return await task();
      } finally {
        undisturbed--;
      }
    },
  };
};
