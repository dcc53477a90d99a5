import { createInbox, Msg, MsgHdrs } from '@nats-io/transport-node';
import { MillraceConnection } from '@millrace/core';

/** A message as a stream holds it. */
export interface StoredMessage {
  subject: string;
  sequence: number;
  storedAt: Date;
  headers: MsgHdrs;
  body: Uint8Array;
}

export interface PageQuery {
  stream: string;
  subject: string;
  from: { seq: number } | { start_time: Date };
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** Messages in stored order, and whether there are more. */
export interface StoredPage {
  messages: StoredMessage[];
  more: boolean;
}

/** Bound what one page holds in memory; a single message may be larger. */
const PAGE = 256;
const PAGE_BYTES = 1_048_576;

const Status = { message: 0, endOfBatch: 204, notFound: 404, noResponders: 503 } as const;

/** Nothing answers for the stream: there is none, or it has no leader at the moment. */
export class StreamSilentError extends Error {}

/**
 * One page of a stream by a direct get in batch (ADR-31). The client's own never ends when it is cut off in the
 * middle, and leaves a subscription behind.
 * @throws StreamSilentError; Error where the page is not complete in time; the signal's reason.
 */
export const readPage = (connection: MillraceConnection, query: PageQuery): Promise<StoredPage> => {
  const { nc, clock, inboxPrefix } = connection;
  const { stream, subject, from, timeoutMs, signal } = query;
  return new Promise((resolve, reject) => {
    const messages: StoredMessage[] = [];
    const inbox = createInbox(inboxPrefix);
    const end = (settle: () => void): void => {
      timer.cancel();
      signal?.removeEventListener('abort', giveUp);
      if (!nc.isClosed()) subscription.unsubscribe();
      settle();
    };
    const fail = (error: unknown): void => end(() => reject(error));
    const giveUp = (): void => fail(signal?.reason);
    const timer = clock.after(timeoutMs, () => fail(new Error(`No whole answer within ${timeoutMs} ms`)));
    const subscription = nc.subscribe(inbox, {
      callback: (error, message) => {
        if (error) return fail(error);
        const answer = readAnswer(message, messages);
        if (answer instanceof Error) fail(answer);
        else if (answer) end(() => resolve(answer));
      },
    });
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) return giveUp();
    const request = JSON.stringify({ ...from, next_by_subj: subject, batch: PAGE, max_bytes: PAGE_BYTES });
    try {
      nc.publish(`$JS.API.DIRECT.GET.${stream}`, request, { reply: inbox });
    } catch (error) {
      fail(error);
    }
  });
};

/** Takes one message of the answer; the page where that was the last, an error where one is missing. */
const readAnswer = ({ headers, data }: Msg, messages: StoredMessage[]): StoredPage | Error | undefined => {
  if (!headers) return new Error('Not the answer to a direct get');
  if (headers.code === Status.notFound) return { messages, more: false };
  if (headers.code === Status.noResponders) return new StreamSilentError('The stream does not answer');
  if (headers.code !== Status.message && headers.code !== Status.endOfBatch) {
    return new Error(headers.description || `Status ${headers.code}`);
  }
  // Each tells the one before it: what came while the connection was away is missing.
  const before = Number(headers.get('Nats-Last-Sequence'));
  if (before !== (messages.at(-1)?.sequence ?? 0)) return new Error('A part of the answer was lost');
  if (headers.code === Status.endOfBatch) {
    return { messages, more: Number(headers.get('Nats-Num-Pending')) > 0 };
  }
  messages.push({
    subject: headers.get('Nats-Subject'),
    sequence: Number(headers.get('Nats-Sequence')),
    storedAt: new Date(headers.get('Nats-Time-Stamp')),
    headers,
    body: data,
  });
  return undefined;
};
