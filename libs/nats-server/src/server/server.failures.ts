import { NatsServerError, NatsServerErrorCode, reasonOf } from '../nats-server.error.js';
import type { ServerExit } from './nats-server.js';

export function startFailed(exit: ServerExit, logTail: readonly string[]): NatsServerError {
  const how = exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
  return new NatsServerError({
    code: NatsServerErrorCode.StartFailed,
    problem: `nats-server ${how} before it was ready`,
    logTail,
    remedy:
      'The log says why; most often it is an unknown field in `config` or a store directory that cannot be written.',
  });
}

export function portTaken(port: number, logTail: readonly string[]): NatsServerError {
  return new NatsServerError({
    code: NatsServerErrorCode.PortInUse,
    problem: `Port ${port} is in use by another process`,
    port,
    logTail,
    remedy: 'Stop that process, choose another port, or pass 0 to have a free one picked.',
  });
}

export function notReady(details: {
  waitingFor: string;
  timeoutMs: number;
  logTail: readonly string[];
}): NatsServerError {
  return new NatsServerError({
    code: NatsServerErrorCode.NotReady,
    problem: `nats-server was not ready within ${details.timeoutMs} ms, waiting for ${details.waitingFor}`,
    logTail: details.logTail,
    remedy: 'Look at the log; on a slow machine or with a large store raise `readyTimeoutMs`.',
  });
}

export function notRunning(name: string): NatsServerError {
  return new NatsServerError({
    code: NatsServerErrorCode.NotRunning,
    problem: `The server '${name}' is not running`,
    remedy: 'Call restart() after kill(); after stop() start a new server.',
  });
}

export function signalFailed(pid: number, signal: NodeJS.Signals, cause: unknown): NatsServerError {
  return new NatsServerError({
    code: NatsServerErrorCode.SignalFailed,
    problem: `${signal} could not be sent to nats-server ${pid}: ${reasonOf(cause)}`,
    cause,
    remedy: 'The platform may not know this signal (Windows has no SIGSTOP and SIGCONT).',
  });
}

export function outlived(pid: number, signal: NodeJS.Signals, timeoutMs: number): NatsServerError {
  return new NatsServerError({
    code: NatsServerErrorCode.SignalFailed,
    problem: `nats-server ${pid} still runs ${timeoutMs} ms after ${signal}`,
    remedy: 'Use kill("SIGKILL") or stop(), or raise `stopTimeoutMs`.',
  });
}
