import {
  AuthorizationError,
  connect,
  InvalidArgumentError,
  NatsConnection,
  NodeConnectionOptions,
  TimeoutError,
} from '@nats-io/transport-node';
import { JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { Clock, delay, settlesWithin } from '../clock/clock.js';
import { ErrorCode } from '../errors/error-codes.js';
import { errorMessage } from '../errors/error-text.js';
import { configInvalid, MillraceError } from '../errors/millrace.error.js';
import { ApiErrorCode, isApiError } from '../provisioning/api-error.js';
import { toClientOptions } from './client-options.js';
import { NatsModuleOptions } from './nats-options.js';
import { isTlsError } from './tls-error.js';

const RETRY_MS = 250;

/** How long to go on trying, the first connection and JetStream's first answer together. */
export interface Patience {
  timeoutMs: number;
  deadline: number;
  clock: Clock;
}

const lasts = ({ deadline, clock }: Patience): boolean => clock.monotonic() + RETRY_MS < deadline;

/**
 * Connects, waiting for the server to come up.
 * @throws MillraceError `CONNECTION_FAILED`, `CONNECTION_REFUSED` or `CONFIG_INVALID`.
 */
export const connectWithin = async (
  options: NatsModuleOptions,
  patience: Patience,
): Promise<NatsConnection> => {
  const clientOptions = toClientOptions(options);
  const { timeoutMs, deadline, clock } = patience;
  for (;;) {
    try {
      return await connectBefore(clientOptions, deadline - clock.monotonic());
    } catch (error) {
      if (error instanceof InvalidArgumentError) {
        throw configInvalid(`NatsModule: ${error.message}`, 'Correct the option');
      }
      const refused = error instanceof AuthorizationError || isTlsError(error);
      if (!refused && lasts(patience)) {
        await delay(RETRY_MS);
        continue;
      }
      const where = String(clientOptions.servers);
      throw new MillraceError(
        refused ? ErrorCode.ConnectionRefused : ErrorCode.ConnectionFailed,
        refused
          ? `NATS at ${where} refused the connection (${errorMessage(error)})`
          : `NATS at ${where} could not be reached within ${timeoutMs} ms (${errorMessage(error)})`,
        {
          remedy: refused
            ? 'Check the credentials and the TLS files'
            : "Start a server ('npx millrace-nats'), or set 'servers' to where one runs",
          details: { servers: clientOptions.servers },
          cause: error,
        },
      );
    }
  }
};

// The client's own timeout holds for each address of each server in turn.
const connectBefore = async (options: NodeConnectionOptions, leftMs: number): Promise<NatsConnection> => {
  const connecting = connect(options);
  if (await settlesWithin(connecting, Math.max(0, leftMs))) return connecting;
  connecting.then((nc) => nc.close()).catch(() => undefined);
  throw new Error('no answer');
};

export interface ApiOptions {
  timeout: number;
  checkAPI: boolean;
}

/**
 * JetStream's management, waiting for a cluster to elect a leader.
 * @throws MillraceError `CONNECTION_FAILED` or `CONNECTION_REFUSED`.
 */
export const managerOf = async (
  nc: NatsConnection,
  options: ApiOptions,
  patience: Patience,
): Promise<JetStreamManager> => {
  for (;;) {
    try {
      return await jetstreamManager(nc, options);
    } catch (error) {
      // The nodes of a cluster accept clients before they have elected who answers for JetStream.
      const mayPass = error instanceof TimeoutError || isApiError(error, ApiErrorCode.ClusterUnavailable);
      if (!mayPass || !lasts(patience)) throw withoutJetStream(error, mayPass);
      await delay(RETRY_MS);
    }
  }
};

const withoutJetStream = (error: unknown, unavailable: boolean): MillraceError => {
  if (error instanceof Error && error.name === 'JetStreamNotEnabled') {
    return new MillraceError(ErrorCode.ConnectionRefused, 'JetStream is not enabled on the server', {
      remedy: "Start nats-server with '--jetstream', or enable it for this account",
      cause: error,
    });
  }
  const problem = `JetStream did not answer: ${errorMessage(error)}`;
  return unavailable
    ? new MillraceError(ErrorCode.ConnectionFailed, problem, {
        remedy: 'Check that a majority of the nodes of the cluster runs',
        cause: error,
      })
    : new MillraceError(ErrorCode.ConnectionRefused, problem, {
        remedy:
          "Check the user's permissions; a user that may not ask for '$JS.API.INFO' needs checkApi: false",
        cause: error,
      });
};
