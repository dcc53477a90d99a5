import { RequestError, TimeoutError } from '@nats-io/transport-node';
import { Clock, delay } from '../clock/clock.js';
import { ErrorCode } from '../errors/error-codes.js';
import { errorMessage } from '../errors/error-text.js';
import { MillraceError } from '../errors/millrace.error.js';
import { Log } from '../logging/log.js';
import { ApiErrorCode, isApiError } from './api-error.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** How long to go on asking a cluster in which nobody answers for a stream. */
export interface ProvisionPatience {
  timeoutMs: number;
  clock: Clock;
  log: Log;
}

/**
 * Runs `task`, again and again while it fails with a `PROVISION_FAILED` that may pass: a cluster that is electing a
 * leader, a node that is away, a request without an answer. A task may have been carried out although it failed: it
 * must bear repetition, as provisioning does.
 * @throws whatever `task` throws that does not pass, or the last of what may have when the time is up.
 */
export const provisionPatiently = async <T>(
  task: () => Promise<T>,
  { timeoutMs, clock, log }: ProvisionPatience,
): Promise<T> => {
  const deadline = clock.monotonic() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS, isFirst = true; ; isFirst = false) {
    try {
      return await task();
    } catch (error) {
      // Replicas that lost the same leader at once must not all ask again at once.
      const waitMs = pauseMs * (0.5 + Math.random());
      if (!mayPass(error)) throw error;
      if (clock.monotonic() + waitMs >= deadline) throw outlasted(error, timeoutMs);
      if (isFirst) log.warn(`${errorMessage(error.cause)} (${String(error.details['what'])}): trying again`);
      await delay(waitMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }
};

const mayPass = (error: unknown): error is MillraceError =>
  MillraceError.is(error, ErrorCode.ProvisionFailed) && isPassing(error.cause);

const isPassing = (cause: unknown): boolean =>
  cause instanceof TimeoutError ||
  (cause instanceof RequestError && cause.isNoResponders()) ||
  MillraceError.is(cause, ErrorCode.PublishTimeout) ||
  isApiError(
    cause,
    ApiErrorCode.ClusterUnavailable,
    ApiErrorCode.NoLeader,
    ApiErrorCode.NoPeers,
    ApiErrorCode.StreamOffline,
    ApiErrorCode.ConsumerOffline,
  );

const outlasted = ({ details, cause }: MillraceError, timeoutMs: number): MillraceError =>
  new MillraceError(
    ErrorCode.ProvisionFailed,
    `${String(details['what'])} could not be provisioned within ${timeoutMs} ms: ${errorMessage(cause)}`,
    {
      remedy:
        'Check that a majority of the nodes runs, and no fewer than there are to be replicas; raise connectTimeout where they take longer to come up',
      details,
      cause,
    },
  );
