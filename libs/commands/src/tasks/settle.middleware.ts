import { assertNever, toError } from '@millrace/core';
import { ACK, Middleware, Outcome, REPLAY_GROUP } from '@millrace/delivery';
import { HttpExceptions, toWireError } from '../wire/wire.error.js';
import { TaskMessage } from './task.message.js';
import { TaskOutcome, TaskRecords, TaskResult } from './task.records.js';

export interface SettleOptions {
  type: string;
  records: TaskRecords;
  http: HttpExceptions;
  /** How long results are kept, where a task does not say. */
  keepMs: number;
}

/** After that, a task whose result could not be stored is tried again. */
const STORE_AGAIN_MS = 1000;

/**
 * Stores what came of a task before its message is settled, once: whichever delivery comes first has its result
 * stored, any other one changes nothing. A task that has its result is not handled again.
 */
export const settle =
  ({ type, records, http, keepMs }: SettleOptions): Middleware<TaskMessage> =>
  (next) =>
  async (message) => {
    try {
      const known = await knownResult(records, message);
      // The replay of a dead letter is there to mend a failure, and nothing else.
      if (known && !(isReplay(message) && known.kind === 'failed')) return ACK;
      const outcome = await next(message);
      const result = resultOf(outcome, message, (cause) => toWireError(type, cause, http));
      if (result) {
        const options = { keepMs: message.keepMs ?? keepMs, replaces: known?.sequence ?? 0 };
        await records.settle(message.id, result, options);
      }
      return message.isCancelled ? ACK : outcome;
    } catch (error) {
      // Not the task's failure: the server could not be asked, or could not store.
      return { kind: 'retry', delayMs: STORE_AGAIN_MS, cause: toError(error) };
    }
  };

const isReplay = ({ headers }: TaskMessage): boolean => headers[REPLAY_GROUP] !== undefined;

// A first delivery has no result, unless it was stored under an id that had one.
const knownResult = async (records: TaskRecords, message: TaskMessage): Promise<TaskResult | undefined> =>
  message.attempt > 1 || isReplay(message) ? records.result(message.id) : undefined;

const resultOf = (
  outcome: Outcome,
  { reply, isCancelled }: TaskMessage,
  wireError: (cause: Error) => Extract<TaskOutcome, { kind: 'failed' }>['error'],
): TaskOutcome | undefined => {
  if (isCancelled) return undefined;
  switch (outcome.kind) {
    case 'ack':
      return { kind: 'done', body: reply ?? new Uint8Array() };
    case 'dead-letter':
      return { kind: 'failed', error: wireError(outcome.cause) };
    case 'retry':
      return undefined;
    default:
      return assertNever(outcome);
  }
};
