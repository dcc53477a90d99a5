import { ExitCode } from './exit-code.js';

/** Aborts at the first SIGINT or SIGTERM, so that what is under way can end well; at the second, exits. */
export const interruption = (process: NodeJS.Process): AbortSignal => {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.Interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
};
