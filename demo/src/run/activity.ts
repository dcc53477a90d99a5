import { once } from 'node:events';

/** What is sent to the apps while they run. */
export interface Activity {
  /**
   * Resolves when nothing is left to send, or, once it is told to stop, when the requests under way are answered.
   * Rejects when it cannot go on.
   */
  run(stop: AbortSignal): Promise<void>;
  /** Answers that were not as they should be. */
  readonly problems: readonly string[];
}

/** Resolves at the signal. */
export const stopped = async (stop: AbortSignal): Promise<void> => {
  if (!stop.aborted) await once(stop, 'abort');
};

/** Nothing is sent. */
export const idle: Activity = { run: stopped, problems: [] };
